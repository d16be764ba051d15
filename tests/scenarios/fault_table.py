"""Every class of error that the three vendors' documents know, and what can break between them and us: the rows of the
fault matrix."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from requests.exceptions import ConnectTimeout, ReadTimeout, RequestException, SSLError

from tests.scenarios.fault_calls import WRITING, Call

SIGN_IN = "sign-in"


@dataclass(frozen=True)
class Trouble:
    """One row. `name`: the fault's, as `--fault` takes it, or one of `CLIENT`.

    `only`: the kinds of calls that it can meet; none: all. `after`: it comes after the effect, so it says something of
    calls that write. `row`: it refuses the first record of such a call, and nothing else.
    """

    name: str
    words: str
    only: Collection[str] = ()
    after: bool = False
    row: bool = False
    at_sign_in: bool = True

    def meets(self, call: Call) -> bool:
        if self.only:
            return call.kind in self.only
        if (self.after or self.row) and not call.writes:
            return False
        return self.at_sign_in or call.kind != SIGN_IN

    @property
    def key(self) -> str:
        return f"{self.name} of a record" if self.row else self.name


# What happens to the call on this computer: the sandbox has no part in it.
CLIENT = ("no_connection", "no_answer", "no_answer_after", "certificate")

_ANYWHERE = (
    Trouble("no_connection", "the host takes no connection"),
    Trouble("certificate", "its certificate cannot be verified"),
    Trouble("no_answer", "no answer in time; nothing took effect"),
    Trouble("no_answer_after", "no answer in time; it took effect", after=True),
    Trouble("reset_before", "the connection breaks; nothing took effect"),
    Trouble("reset_after", "the connection breaks; it took effect", after=True),
    Trouble("truncated_before", "the answer is cut short; nothing took effect"),
    Trouble("truncated", "the answer is cut short; it took effect", after=True),
    Trouble("empty", "HTTP 200 without a body; nothing took effect"),
    Trouble("empty_after", "HTTP 200 without a body; it took effect", after=True),
    Trouble("not_json", "HTTP 200 with a body that is no JSON; nothing took effect"),
    Trouble("not_json_after", "HTTP 200 with a body that is no JSON; it took effect", after=True),
    Trouble("other_shape", "HTTP 200 with JSON of another shape; nothing took effect"),
    Trouble("other_shape_after", "HTTP 200 with JSON of another shape; it took effect", after=True),
    Trouble("portal", "HTTP 200 with a network's sign-in page"),
    Trouble("redirect", "HTTP 302 to another host"),
    Trouble("gateway_html", "HTTP 502 with a page"),
    Trouble("http_403", "HTTP 403 with a firewall's page"),
    Trouble("http_404", "HTTP 404 with a page"),
    Trouble("http_413", "HTTP 413 with a page"),
    Trouble("http_429", "HTTP 429 with a page, without Retry-After"),
    Trouble("http_503", "HTTP 503 with a page"),
)


def _call(name: str, words: str) -> Trouble:
    return Trouble(name, words, at_sign_in=False)


def _record(name: str, words: str) -> Trouble:
    return Trouble(name, words, row=True)


_MARKETO = (
    Trouble("sign_in_refused", "401 `invalid_client`", only=(SIGN_IN,)),
    _call("601", "601 access token invalid"),
    _call("602", "602 access token expired"),
    _call("603", "603 access denied"),
    _call("timeout_before", "604 timed out; nothing took effect"),
    Trouble("timeout_after", "604 timed out; it took effect", after=True),
    _call("606", "606 rate limit"),
    _call("607", "607 daily quota"),
    _call("608", "608 temporarily unavailable"),
    _call("609", "609 invalid JSON"),
    _call("610", "610 no such resource"),
    _call("611", "611 system error"),
    _call("612", "612 invalid content type"),
    _call("614", "614 subscription cannot be reached"),
    _call("615", "615 too many calls at a time"),
    _call("713", "713 transient error"),
    _call("719", "719 lock wait time-out"),
    _call("1003", "1003 of the whole call"),
    _call("1006", "1006 of the whole call"),
    _call("1018", "1018 of the whole call"),
    _call("9999", "a code that nobody knows, of the whole call"),
    _record("1003", "1003 of a record: invalid value"),
    _record("1004", "1004 of a record: not found"),
    _record("1006", "1006 of a record: no such field"),
    _record("1007", "1007 of a record: several match"),
    # Not of a delete: there it is true, and the record gone.
    Trouble("1013", "1013 of a record: what it names is not there", only=WRITING - {"delete role"}, row=True),
    _record("1014", "1014 of a record: failed to create"),
    _record("1018", "1018 of a record: CRM enabled"),
    _record("1022", "1022 of a record: in use"),
    _record("9999", "a code that nobody knows, of a record"),
)
_SALESFORCE = (
    Trouble("sign_in_refused", "400 `invalid_client`", only=(SIGN_IN,)),
    Trouble("rate_limit", "400 `rate_limit_exceeded`", only=(SIGN_IN,)),
    _call("INVALID_SESSION_ID", "401 `INVALID_SESSION_ID`"),
    _call("quota", "403 `REQUEST_LIMIT_EXCEEDED`, of 24 hours"),
    _call("concurrency", "403 `REQUEST_LIMIT_EXCEEDED`, long calls at a time"),
    _call("INSUFFICIENT_ACCESS", "403 `INSUFFICIENT_ACCESS`"),
    _call("API_DISABLED_FOR_ORG", "403 `API_DISABLED_FOR_ORG`"),
    _call("TXN_SECURITY_METERING_ERROR", "403 `TXN_SECURITY_METERING_ERROR`"),
    _call("timeout_before", "400 `REQUEST_RUNNING_TOO_LONG`; nothing took effect"),
    Trouble("timeout_after", "503 of the edge; it took effect", after=True),
    _call("QUERY_TIMEOUT", "400 `QUERY_TIMEOUT`"),
    _call("server_error", "500 `UNKNOWN_EXCEPTION`"),
    _call("unavailable", "503 `SERVER_UNAVAILABLE`"),
    _call("ORG_IN_MAINTENANCE", "503 `ORG_IN_MAINTENANCE`"),
    Trouble("http_406", "HTTP 406 of the edge"),
    Trouble("http_420", "HTTP 420 of the edge"),
    _call("INVALID_FIELD", "400 `INVALID_FIELD`"),
    _call("INVALID_TYPE", "400 `INVALID_TYPE`"),
    _call("NOT_FOUND", "404 `NOT_FOUND`"),
    _call("INVALID_QUERY_LOCATOR", "400 `INVALID_QUERY_LOCATOR`"),
    _call("MALFORMED_QUERY", "400 `MALFORMED_QUERY`"),
    _call("JSON_PARSER_ERROR", "400 `JSON_PARSER_ERROR`"),
    _call("UNSUPPORTED_API_VERSION", "410 retired version"),
    _call("NEWS_OF_TODAY", "a code that nobody knows, of the whole call"),
    _record("UNABLE_TO_LOCK_ROW", "`UNABLE_TO_LOCK_ROW` of a record"),
    _record("STRING_TOO_LONG", "`STRING_TOO_LONG` of a record"),
    _record("REQUIRED_FIELD_MISSING", "`REQUIRED_FIELD_MISSING` of a record"),
    _record("DUPLICATES_DETECTED", "`DUPLICATES_DETECTED` of a record"),
    _record("INVALID_FIELD_FOR_INSERT_UPDATE", "`INVALID_FIELD_FOR_INSERT_UPDATE` of a record"),
    _record("INSUFFICIENT_ACCESS_OR_READONLY", "`INSUFFICIENT_ACCESS_OR_READONLY` of a record"),
    _record("ENTITY_IS_DELETED", "`ENTITY_IS_DELETED` of a record"),
    _record("CANNOT_UPDATE_CONVERTED_LEAD", "`CANNOT_UPDATE_CONVERTED_LEAD` of a record"),
    _record("UNKNOWN_EXCEPTION", "`UNKNOWN_EXCEPTION` of a record"),
    _record("REQUEST_LIMIT_EXCEEDED", "`REQUEST_LIMIT_EXCEEDED` of a record"),
    _record("NEWS_OF_TODAY", "a code that nobody knows, of a record"),
)
_DYNAMICS = (
    Trouble("sign_in_refused", "401 AADSTS7000215, of Entra", only=(SIGN_IN,)),
    Trouble("rate_limit", "429 with Retry-After, of Entra", only=(SIGN_IN,)),
    _call("token_expired", "401 challenge"),
    _call("throttled_requests", "429 `0x80072322` requests, with Retry-After"),
    _call("throttled_time", "429 `0x80072321` execution time, with Retry-After"),
    _call("concurrency", "429 `0x80072326` requests at a time, with Retry-After"),
    _call("quota", "429 `0x8005F103` daily entitlement"),
    _call("0x80040220", "403 `0x80040220` privilege"),
    _call("0x80040225", "403 `0x80040225` user disabled"),
    _call("0x80072560", "403 `0x80072560` no user of this environment"),
    _call("timeout_before", "500 `0x80044151` SQL time-out; nothing took effect"),
    Trouble("timeout_after", "HTTP 504 of the edge; it took effect", after=True),
    _call("deadlock", "500 `0x80044150` deadlock"),
    _call("0x80040216", "500 `0x80040216` unexpected error"),
    _call("unavailable", "503 of the edge"),
    _call("0x80044352", "400 `0x80044352` expired delta token"),
    Trouble("http_410", "410 Gone", at_sign_in=False),
    _call("0x80060888", "400 `0x80060888` no such column"),
    _call("0x80048d19", "400 `0x80048d19` bad payload"),
    _call("0x8004418A", "413 `0x8004418A` too large"),
    _call("0x8004abcd", "a code that nobody knows, of the whole call"),
    _record("0x80060882", "412 `0x80060882` of a record: edited since"),
    _record("0x80040217", "404 `0x80040217` of a record: gone"),
    _record("0x80040265", "400 `0x80040265` of a record: a plug-in refuses"),
    _record("0x80040333", "412 `0x80040333` of a record: duplicate"),
    _record("0x80044331", "400 `0x80044331` of a record: too long"),
    _record("0x8004F507", "403 `0x8004F507` of a record: secured column"),
    _record("0x80040220", "403 `0x80040220` of a record: privilege"),
    _record("0x80044150", "500 `0x80044150` of a record: deadlock"),
    _record("0x80044171", "500 `0x80044171` of a record: plug-in time-out"),
    _record("0x80071154", "500 `0x80071154` of a record: concurrent operation"),
    _record("0x8004abcd", "a code that nobody knows, of a record"),
)

TROUBLES: Mapping[str, tuple[Trouble, ...]] = {
    "marketo": (*_ANYWHERE, *_MARKETO),
    "salesforce": (*_ANYWHERE, *_SALESFORCE),
    "dynamics": (*_ANYWHERE, *_DYNAMICS),
}


def error_of(name: str) -> RequestException:
    match name:
        case "no_connection":
            return ConnectTimeout("no connection in time")
        case "certificate":
            return SSLError("CERTIFICATE_VERIFY_FAILED")
    return ReadTimeout("no answer in time")
