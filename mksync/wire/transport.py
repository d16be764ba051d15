"""One HTTP exchange over a pooled connection: no retry, no redirect, no cookie; of the environment only proxies."""

from http.cookiejar import DefaultCookiePolicy
from io import BytesIO
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3.exceptions import HTTPError, NewConnectionError

from mksync import __version__
from mksync.ports import Clock
from mksync.wire.origin import is_loopback
from mksync.wire.reply import Headers, Reply, UnexpectedReply
from mksync.wire.request import Lost, Request, Unreached, Untrusted

_CHUNK = 65536
_CONNECT = 10.0  # seconds for a connection to stand


class Transport:
    """Pooled connections, safe to use from several threads."""

    def __init__(self, clock: Clock, *, ca_bundle: str | None, pool: int, max_bytes: int) -> None:
        self._clock = clock
        self._max_bytes = max_bytes
        self._http = requests.Session()
        # The environment could replace our Authorization header (.netrc) or our certificates (REQUESTS_CA_BUNDLE).
        self._http.trust_env = False
        self._http.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._http.headers.clear()
        self._verify = ca_bundle or True
        adapter = HTTPAdapter(pool_connections=4, pool_maxsize=pool, max_retries=0)
        self._http.mount("https://", adapter)
        self._http.mount("http://", adapter)

    def exchange(self, request: Request) -> Reply:
        """Raises Unreached, Lost, Untrusted, and UnexpectedReply for a body that is too large to be meant."""
        started = self._clock.now()
        try:
            with self._send(request) as response:
                body = self._body(response, deadline=started + request.timeout)
                return Reply(response.status_code, Headers(response.headers), body)
        except requests.exceptions.SSLError as error:
            raise _tls(error) from None
        except requests.exceptions.ConnectTimeout:
            raise Unreached("no connection in time") from None
        except requests.exceptions.ProxyError:
            raise Unreached("the proxy of this computer's settings does not answer") from None
        except requests.exceptions.Timeout:
            raise Lost("no answer in time") from None
        except requests.exceptions.ConnectionError as error:
            raise _connection(error) from None
        except (requests.exceptions.RequestException, HTTPError, OSError) as error:
            raise Lost(f"the answer was cut ({type(error).__name__})") from None

    def close(self) -> None:
        self._http.close()

    def _send(self, request: Request) -> requests.Response:
        return self._http.request(
            request.method,
            request.url,
            data=request.body,
            headers={"User-Agent": f"mksync/{__version__}", "Accept-Encoding": "gzip", **request.headers},
            timeout=(min(_CONNECT, request.timeout), request.timeout),
            proxies=_proxies(request.url),
            verify=self._verify,
            allow_redirects=False,
            stream=True,
        )

    def _body(self, response: requests.Response, deadline: float) -> bytes:
        body = BytesIO()  # hands out what was written without copying it
        for chunk in response.iter_content(_CHUNK):
            body.write(chunk)
            if body.tell() > self._max_bytes:
                raise UnexpectedReply(f"the reply is larger than {self._max_bytes // 2**20} MB")
            if self._clock.now() > deadline:
                raise Lost("the answer took too long")
        return body.getvalue()


def _proxies(url: str) -> dict[str, str]:
    if is_loopback(urlsplit(url).hostname or ""):
        return {}
    return dict(get_environ_proxies(url))


def _tls(error: requests.exceptions.SSLError) -> Exception:
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return Untrusted()
    return Lost("the encrypted connection broke")


def _connection(error: requests.exceptions.ConnectionError) -> Exception:
    cause = error.args[0] if error.args else None
    if isinstance(getattr(cause, "reason", None), NewConnectionError):
        return Unreached("no connection")
    return Lost("the connection broke")
