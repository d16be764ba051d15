"""Which addresses a session may talk to: TLS everywhere, plain http only to this computer, one origin per token."""

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from mksync.errors import ConfigError

_PORTS = {"https": 443, "http": 80}


def checked(url: str, system: str) -> str:
    """The base address without a trailing slash. Raises ConfigError unless it is https, or http to loopback."""
    hint = f"check the url of {system} in mksync.toml"
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise ConfigError(f"{url!r} is not a web address", hint=hint) from None
    if parts.scheme not in _PORTS or not host:
        raise ConfigError(f"{url!r} is not a web address", hint=f"{hint}; it begins with https://")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigError(f"the address of {system} may hold a host and a path, nothing else", hint=hint)
    if parts.scheme == "http" and not is_loopback(host):
        raise ConfigError(
            f"{system} at {host} has to be reached by https; plain http is for this computer only", hint=hint
        )
    return url.rstrip("/")


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def origin_of(url: str) -> tuple[str, str, int]:
    """Scheme, host and port, as RFC 6454 compares them."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", _port(parts)


def address(url: str) -> str:
    """`host:port`, for people."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{_port(parts)}"


def joined(base: str, path: str) -> str:
    """Exactly one slash between the two: Marketo refuses double slashes in paths."""
    return f"{base.rstrip('/')}/{path.lstrip('/')}"


def _port(parts: SplitResult) -> int:
    return parts.port or _PORTS.get(parts.scheme, 0)
