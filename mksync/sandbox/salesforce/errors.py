"""What the API answers when it will not do something, as one exception that every kind of call can render.

Source: REST API Developer Guide, "Status Codes and Error Responses"; SOAP API Developer Guide, "StatusCode".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is wrong. `fields` is None where the error is not about a record's fields."""

    code: str
    message: str
    fields: tuple[str, ...] | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def as_rest(self) -> dict[str, Any]:
        """The form single-record calls use: `errorCode`."""
        body: dict[str, Any] = {**self.extra, "message": self.message, "errorCode": self.code}
        if self.fields is not None:
            body["fields"] = list(self.fields)
        return body

    def as_row(self) -> dict[str, Any]:
        """The form results of many records use: `statusCode`."""
        return {"statusCode": self.code, "message": self.message, "fields": list(self.fields or ())}


class ApiError(Exception):
    """A refusal. `whole` marks one that fails the entire request even where rows are judged one by one."""

    def __init__(self, status: int, complaints: Sequence[Complaint], *, whole: bool = False) -> None:
        super().__init__(complaints[0].message if complaints else str(status))
        self.status = status
        self.complaints = tuple(complaints)
        self.whole = whole

    def body(self) -> list[dict[str, Any]]:
        return [complaint.as_rest() for complaint in self.complaints]

    def rows(self) -> list[dict[str, Any]]:
        return [complaint.as_row() for complaint in self.complaints]


class AmbiguousKey(Exception):  # noqa: N818 - HTTP 300 is not an error to Salesforce
    """An external key fits several records; nothing was written. Answered with HTTP 300 and the records' paths."""

    def __init__(self, object: str, ids: Sequence[str]) -> None:
        super().__init__(f"{object}: {len(ids)} records")
        self.object = object
        self.ids = tuple(ids)


def refuse(code: str, message: str, *fields: str, status: int = 400) -> ApiError:
    """An error about a record: its `fields` are listed even when there are none."""
    return ApiError(status, [Complaint(code, message, fields)])


def deny(code: str, message: str, status: int = 400) -> ApiError:
    """An error about the call itself."""
    return ApiError(status, [Complaint(code, message)])


def malformed(message: str) -> ApiError:
    """A body that cannot be read: the entire request fails."""
    return ApiError(400, [Complaint("JSON_PARSER_ERROR", message)], whole=True)


def not_found(message: str = "The requested resource does not exist") -> ApiError:
    return deny("NOT_FOUND", message, 404)


def missing_key(what: str) -> ApiError:
    """The row, or the key field, that a path names is not there or not visible."""
    return not_found(f"Provided external ID field does not exist or is not accessible: {what}")
