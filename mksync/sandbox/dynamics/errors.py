"""Refusals, in the Web API's own words.

Source: Microsoft Learn, "Compose HTTP requests and handle errors", "Web service error codes".
"""

from collections.abc import Mapping
from typing import Any

_HELP = "http://go.microsoft.com/fwlink/?LinkID=398563&error=Microsoft.Crm.CrmException%3a{code}&client=platform"
_DETAILS = "@Microsoft.PowerApps.CDS.ErrorDetails."


class ODataError(Exception):
    """A call that is refused. `code` as printed: `0x80040217`, `0x0` or empty."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        headers: Mapping[str, str] | None = None,
        sub_code: str | None = None,
        trace: str = "",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})
        self.sub_code = sub_code
        self.trace = trace

    def body(self, *, annotated: bool = False) -> dict[str, Any]:
        """The envelope; with the annotations of `include-annotations="*"`."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if annotated:
            error[f"{_DETAILS}OperationStatus"] = "1"
            error[f"{_DETAILS}SubErrorCode"] = self.sub_code or str(_signed(self.code))
            error["@Microsoft.PowerApps.CDS.HelpLink"] = _HELP.format(code=self.code.removeprefix("0x"))
            error["@Microsoft.PowerApps.CDS.TraceText"] = self.trace
            error["@Microsoft.PowerApps.CDS.InnerError.Message"] = self.message
        return {"error": error}


def _signed(code: str) -> int:
    """The code as the 32-bit signed number that the SDK knows."""
    number = int(code, 16) if code else 0
    return number - (1 << 32) if number >> 31 else number


def not_found(label: str, id: str) -> ODataError:
    """No such row; `label` is the table's logical name."""
    return ODataError(404, "0x80040217", f"{label} With Id = {id} Does Not Exist")


def key_not_found(table: str) -> ODataError:
    return ODataError(404, "0x80060891", f"A record with the specified key values does not exist in {table} entity")


def key_not_defined(table: str) -> ODataError:
    message = f"The key in the request URI is not valid for resource 'Microsoft.Dynamics.CRM.{table}'."
    return ODataError(400, "0x80060890", message)


def no_resource(segment: str) -> ODataError:
    return ODataError(404, "0x8006088a", f"Resource not found for the segment '{segment}'.")


def no_http_resource(url: str) -> ODataError:
    return ODataError(404, "", f"No HTTP resource was found that matches the request URI '{url}'.")


def no_property(name: str, table: str) -> ODataError:
    message = f"Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.{table}'."
    return ODataError(400, "0x80060888", message)


def bad_request(message: str, code: str = "0x80060888") -> ODataError:
    """An OData error: a malformed query or URL."""
    return ODataError(400, code, message)


def bad_payload(set_name: str, message: str) -> ODataError:
    text = f"Error identified in Payload provided by the user for Entity :'{set_name}', For more information on this "
    return ODataError(400, "0x80048d19", f"{text}error please follow this help link. ---->  InnerException : {message}")


def invalid(message: str, code: str = "0x80040203") -> ODataError:
    """A value that is refused: 400 with the code of its kind."""
    return ODataError(400, code, message)


def duplicate() -> ODataError:
    return ODataError(412, "0x80040237", "A record with matching key values already exists.")


def version_mismatch() -> ODataError:
    message = "The version of the existing record doesn't match the RowVersion property provided."
    return ODataError(412, "0x80060882", message)


def not_allowed(message: str = "The requested operation is not allowed.") -> ODataError:
    return ODataError(405, "0x8004023B", message)


def denied(message: str, code: str = "0x80040220") -> ODataError:
    return ODataError(403, code, message)
