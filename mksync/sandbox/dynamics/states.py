"""`statecode` and `statuscode`: which pairs there are, and what a call that sends one of them means.

Source: Microsoft Learn, "Define status reason transitions", "Update and delete table rows using the Web API".
"""

from mksync.sandbox.dynamics.errors import ODataError, invalid
from mksync.sandbox.dynamics.rows import Row, Stored
from mksync.sandbox.dynamics.tables import Table

CLOSING = "Use the Win or Lose request to close an opportunity."


def created(table: Table, id: str, sent: Row) -> Row:
    """The pair of a new row: always the default state. Raises 0x80048408 for a status of another one."""
    if not table.has_state:
        return {}
    state = table.columns["statecode"].default
    status = sent.get("statuscode")
    return _pair(table, id, state, status if status is not None else _default_status(table, state))


def updated(table: Table, id: str, row: Row, sent: Row) -> Row:
    """The pair after an update that sends one of them or both. Raises 0x80048408, 0x80100005."""
    if not table.has_state or not sent.keys() & {"statecode", "statuscode"}:
        return {}
    state = sent.get("statecode", row["statecode"])
    if state is None or sent.get("statuscode", 0) is None:
        raise invalid("The state and the status of a row cannot be empty.", "0x80040233")
    if table.name == "opportunity" and state != row["statecode"]:
        raise invalid(CLOSING, "0x80100005")
    if "statuscode" in sent:
        return _pair(table, id, state, sent["statuscode"])
    if state == row["statecode"]:
        return {"statecode": state}
    return _pair(table, id, state, _default_status(table, state))


def status_of(table: Table, state: int, wanted: object, id: str) -> Stored:
    """The status of an action that moves a row to a state; -1 and None mean the default. Raises 0x80048408."""
    if wanted is None or wanted == -1:
        return _default_status(table, state)
    option = next((one for one in table.columns["statuscode"].options if one.value == wanted), None)
    if option is None or option.state != state:
        raise _mismatch(table, id, state, str(wanted))
    return option.value


def _pair(table: Table, id: str, state: Stored, status: Stored) -> Row:
    option = next((one for one in table.columns["statuscode"].options if one.value == status), None)
    if option is None or option.state != state:
        raise _mismatch(table, id, state, status)
    return {"statecode": state, "statuscode": status}


def _default_status(table: Table, state: Stored) -> Stored:
    return next((one.default_status for one in table.columns["statecode"].options if one.value == state), None)


def _mismatch(table: Table, id: str, state: Stored, status: Stored) -> ODataError:
    label = next((one.label for one in table.columns["statecode"].options if one.value == state), str(state))
    return invalid(
        f"{status} is not a valid status code for state code {table.schema_name}State.{label} on {table.name} "
        f"with Id {id}.",
        "0x80048408",
    )
