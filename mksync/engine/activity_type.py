"""`init` and people's Activity Logs: whether entries can be written, and their type, made on the admin's word."""

from mksync.core.records import Check, Sides
from mksync.engine.activity_log import HINT, TYPE
from mksync.engine.setup import pin
from mksync.errors import AccessError, ConfigError
from mksync.mirror import Mirror
from mksync.ports import Port, Unavailable
from mksync.ports.abilities import KeepsActivities


def activity_log(mirror: Mirror, ports: Sides[Port], titles: Sides[str], *, create: bool) -> Check | None:
    """Whether what the CRM refuses will stand in people's Activity Logs; with `create` the type is made if need be.

    None where the system keeps no such logs. Raises MirrorError before it makes anything in an instance that the mirror
    does not belong to.
    """
    port, name = ports.marketo, f"{titles.marketo} Activity Log"
    if not isinstance(port, KeepsActivities):
        return None
    try:
        type = _made(mirror, ports, port) if create else port.activity_type()
        if type is None:
            mirror.project.unset(TYPE)
            return Check(name, True, "what is refused stands in mksync log alone", f"to have it there too: {HINT}")
        port.may_log(type)
    except Unavailable as error:
        return Check(name, not create, error.reason, error.remedy)
    except (AccessError, ConfigError) as error:
        return Check(name, not create, error.message, error.hint, error.exit_code)
    mirror.project.set(TYPE, type)
    return Check(name, True, "what is refused stands in the person's Activity Log, too")


def is_missing(mirror: Mirror) -> bool:
    """Whether nothing will be written into Activity Logs, as `activity_log` left it."""
    return mirror.project.get(TYPE) is None


def _made(mirror: Mirror, ports: Sides[Port], port: KeepsActivities) -> str:
    if mirror.project.get("marketo_organisation") is not None:
        pin(mirror, ports)
    return port.create_activity_type()
