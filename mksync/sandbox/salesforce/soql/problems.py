"""SOQL errors with the excerpt, the caret and the position that Salesforce puts before the text."""

from mksync.sandbox.salesforce.errors import ApiError, deny

_BEFORE = 40
_AFTER = 60
_APPEND_C = (
    "If you are attempting to use a custom {kind}, be sure to append the '__c' after the {place} name. "
    "Please reference your WSDL or the describe call for the appropriate names."
)


def at(code: str, text: str, offset: int, message: str) -> ApiError:
    """The error `message` at a place of the statement; rows and columns are counted from one."""
    line_start = text.rfind("\n", 0, offset) + 1
    row = text.count("\n", 0, offset) + 1
    column = offset - line_start + 1
    begin = max(line_start, offset - _BEFORE)
    excerpt = text[begin : offset + _AFTER].split("\n")[0]
    caret = " " * (offset - begin) + "^"
    return deny(code, f"\n{excerpt}\n{caret}\nERROR at Row:{row}:Column:{column}\n{message}")


def syntax(text: str, offset: int, message: str) -> ApiError:
    return at("MALFORMED_QUERY", text, offset, message)


def no_column(text: str, offset: int, name: str, entity: str) -> ApiError:
    hint = _APPEND_C.format(kind="field", place="custom field")
    return at("INVALID_FIELD", text, offset, f"No such column '{name}' on entity '{entity}'. {hint}")


def no_relation(text: str, offset: int, name: str, token: str) -> ApiError:
    message = (
        f"Didn't understand relationship '{name}' in {token}. If you are attempting to use a custom relationship, be "
        "sure to append the '__r' after the custom relationship name. "
        "Please reference your WSDL or the describe call for the appropriate names."
    )
    return at("INVALID_FIELD", text, offset, message)


def no_object(text: str, offset: int, name: str) -> ApiError:
    hint = _APPEND_C.format(kind="object", place="entity")
    return at("INVALID_TYPE", text, offset, f"sObject type '{name}' is not supported. {hint}")


def too_complicated() -> ApiError:
    message = "Query is either selecting too many fields or the filter conditions are too complicated."
    return deny("QUERY_TOO_COMPLICATED", message)
