"""Certificates that an app registration signs in with, and the check of a client assertion.

Source: Microsoft Learn, "Microsoft identity platform application authentication certificate credentials".
"""

import base64
import binascii
import hashlib
import json
from datetime import UTC, datetime
from typing import Any

_LIFE = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2120, 1, 1, tzinfo=UTC))


def new_certificate(name: str) -> tuple[str, str]:
    """A private key and a self-signed certificate of its public key, as PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    private = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder(subject, subject, private.public_key(), x509.random_serial_number())
        .not_valid_before(_LIFE[0])
        .not_valid_after(_LIFE[1])
        .sign(private, hashes.SHA256())
    )
    secret = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return secret.decode(), certificate.public_bytes(serialization.Encoding.PEM).decode()


def read(assertion: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Header and claims of a client assertion, its signature unchecked; None if it has not the shape of one."""
    try:
        head, body, _ = assertion.split(".")
        header, claims = json.loads(_decoded(head)), json.loads(_decoded(body))
    except ValueError:
        return None
    if not isinstance(claims, dict) or not isinstance(header, dict):
        return None
    named = {"RS256": ("x5t", "x5t#S256"), "PS256": ("x5t#S256",)}.get(str(header.get("alg")), ())
    return (header, claims) if any(name in header for name in named) else None


def is_signed_by(assertion: str, header: dict[str, Any], certificate_pem: str) -> bool:
    """Whether the header names this certificate and its key made the signature."""
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    certificate = x509.load_pem_x509_certificate(certificate_pem.encode())
    der = certificate.public_bytes(serialization.Encoding.DER)
    prints = {"x5t": hashlib.sha1(der, usedforsecurity=False).digest(), "x5t#S256": hashlib.sha256(der).digest()}
    key = certificate.public_key()
    signed, _, signature = assertion.rpartition(".")
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), hashes.SHA256.digest_size)
    how = pss if header["alg"] == "PS256" else padding.PKCS1v15()
    try:
        if any(name in header and _decoded(str(header[name])) != value for name, value in prints.items()):
            return False
        assert isinstance(key, rsa.RSAPublicKey)
        key.verify(_decoded(signature), signed.encode(), how, hashes.SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def _decoded(part: str) -> bytes:
    """Base64url without its padding. Raises ValueError."""
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (binascii.Error, UnicodeError) as problem:
        raise ValueError(str(problem)) from None
