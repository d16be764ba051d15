"""Nothing is sent to a host whose certificate cannot be verified."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mksync.errors import ConfigError
from mksync.wire.session import Repeat
from tests.wire.conftest import Opens
from tests.wire.scripted import Say, Scripted


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Certificate and key of 127.0.0.1, signed by nobody but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path / "host.pem"
    path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return path


def _tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_an_unknown_certificate_is_refused_before_anything_is_sent(
    open_session: Opens, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))  # the environment cannot vouch for it
    with Scripted(_tls(certificate)).running() as server:
        session = open_session(origin=server.url)
        with pytest.raises(ConfigError, match=r"certificate of Vendor .* cannot be verified; nothing was sent"):
            session.call("POST", "/x", repeat=Repeat.ONCE)
        assert server.heard == []


def test_a_certificate_that_was_named_is_trusted(open_session: Opens, certificate: Path) -> None:
    with Scripted(_tls(certificate)).running() as server:
        server.says(Say(body={"fine": True}))
        session = open_session(origin=server.url, ca_bundle=str(certificate))
        assert session.call("GET", "/x").json() == {"fine": True}
