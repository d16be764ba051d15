"""Yes and no come back from the history as such, told apart by side and by what Marketo keeps of an object."""

import pytest

from mksync.core.records import Field, FieldType, Schema, Side, Value
from mksync.core.report import Collision, Held, RecordName
from mksync.mirror import Mirror
from mksync.mirror.history import Chosen

NOON = 1_772_452_800.0  # 2026-03-02T12:00:00Z
BOOLEAN, INTEGER = FieldType.BOOLEAN, FieldType.INTEGER
DEAL = RecordName("opportunity", "O1", "G1", "Acme 2027")
ACME = RecordName("account", "A1", "7", "Acme")


@pytest.fixture
def told(mirror: Mirror) -> Mirror:
    """Marketo's opportunity and the CRM's have one name; what Marketo keeps of an account is called otherwise."""
    kinds = {
        (Side.MARKETO, "person"): {"isWon": INTEGER, "vip": INTEGER},
        (Side.MARKETO, "opportunity"): {"isWon": BOOLEAN, "Level": INTEGER},
        (Side.CRM, "opportunity"): {"IsWon": BOOLEAN, "Level": BOOLEAN},
        (Side.MARKETO, "company"): {"vip": BOOLEAN},
        (Side.MARKETO, "account"): {"vip": INTEGER},
        (Side.CRM, "account"): {"VIP__c": INTEGER},
    }
    for (side, object), types in kinds.items():
        fields = {name: Field(name, name, type) for name, type in types.items()}
        mirror.project.cache_schema(side, Schema(object, object, fields), NOON)
    mirror.links.counterparts = {"opportunity": "opportunity", "account": "company"}
    for object in ("opportunity", "account"):
        mirror.links.add(object, 1, 1, "created", 1)
    return mirror


@pytest.mark.parametrize(
    ("name", "fields", "values"),
    [
        (DEAL, ("isWon", "IsWon"), (True, False, None, True)),
        (DEAL, ("Level", "Level"), (1, True, 0, False)),
        (ACME, ("vip", "VIP__c"), (True, 1, False, 0)),
        (RecordName("lead", "L1", "P1", "Ana"), ("vip", "Vip"), (1, 0, None, 1)),
    ],
)
def test_a_collision_holds_what_each_sides_field_held(
    told: Mirror, name: RecordName, fields: tuple[str, str], values: tuple[Value, Value, Value, Value]
) -> None:
    cycle = told.history.begin("run-once", NOON)
    told.history.collide(cycle, Collision(name, *fields, *values, Side.CRM, "the CRM wins", "collision"))
    ((_, _, row),) = told.history.collisions(Chosen(cycle=cycle))
    found = (row.marketo, row.crm, row.base_marketo, row.base_crm)
    assert [(type(one), one) for one in found] == [(type(one), one) for one in values]


def test_so_does_a_difference_that_is_held(told: Mirror) -> None:
    cycle = told.history.begin("run-once", NOON)
    told.history.hold(cycle, Held(ACME, "vip", "both changed", True, None, "make them agree"), NOON)
    ((_, row),) = told.history.held(Chosen(cycle=cycle))
    assert (row.marketo, row.crm) == (True, None)
    assert isinstance(row.marketo, bool)
