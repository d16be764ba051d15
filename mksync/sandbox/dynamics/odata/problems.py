"""What is answered to a query that cannot be understood, worded as Microsoft's OData library and Dataverse word it."""

from mksync.sandbox.dynamics.errors import ODataError, bad_request

ODATA = "0x80060888"


def bad(message: str) -> ODataError:
    return bad_request(message, ODATA)


def syntax(text: str, at: int) -> ODataError:
    return bad(f"Syntax error at position {at} in '{text}'.")


def unterminated(text: str, at: int) -> ODataError:
    return bad(f"There is an unterminated string literal at position {at} in '{text}'.")


def expected(text: str, at: int, what: str) -> ODataError:
    return bad(f"{what} expected at position {at} in '{text}'.")


def no_function(name: str) -> ODataError:
    message = (
        f"An unknown function with name '{name}' was found. "
        "This may also be a function import or a key lookup on a navigation property, which is not allowed."
    )
    return bad(message)


def incompatible(left: str, right: str, operator: str) -> ODataError:
    """`left` and `right` are names such as Edm.String."""
    kinds = {
        "eq": "Equal",
        "ne": "NotEqual",
        "gt": "GreaterThan",
        "ge": "GreaterThanOrEqual",
        "lt": "LessThan",
        "le": "LessThanOrEqual",
    }
    message = (
        "A binary operator with incompatible types was detected. "
        f"Found operand types '{left}' and '{right}' for operator kind '{kinds[operator]}'."
    )
    return bad(message)


def unsupported(option: str) -> ODataError:
    """An option of OData that Dataverse does not have, such as $skip."""
    if option == "$skip":
        return bad("Skip Clause is not supported in CRM")
    return bad(f"The query parameter {option} is not supported.")


def too_many_to_aggregate() -> ODataError:
    message = "The maximum record limit is exceeded. Reduce the number of records."
    return bad_request(message, "0x8004E023")


def too_complicated() -> ODataError:
    return bad("The query is nested too deeply or compares too many values.")
