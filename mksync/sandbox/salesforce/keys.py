"""The key pair of the sandbox's own JWT consumer, and the check of a JWT's RS256 signature."""

import base64
import binascii
import json
from typing import Any


def new_pair() -> tuple[str, str]:
    """A private key and its public key, as PEM."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    private = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    secret = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return secret.decode(), public.decode()


def claims_of(assertion: str) -> dict[str, Any] | None:
    """What a JWT claims, before its signature is checked; None if it is none, or not signed with RS256."""
    try:
        head, body, _ = assertion.split(".")
        header, claims = json.loads(_decoded(head)), json.loads(_decoded(body))
    except ValueError:
        return None
    if not isinstance(claims, dict) or not isinstance(header, dict) or header.get("alg") != "RS256":
        return None
    return claims


def is_signed_by(assertion: str, public_pem: str) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    key = serialization.load_pem_public_key(public_pem.encode())
    signed, _, signature = assertion.rpartition(".")
    if not isinstance(key, rsa.RSAPublicKey):
        return False
    try:
        key.verify(_decoded(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def _decoded(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except binascii.Error as bad:
        raise ValueError(str(bad)) from None
