"""What the activity log tells of values: a field of a person held one, and holds another since.

It is never taken for what a person holds. It tells what a write of ours replaced, which Marketo cannot be asked to
guard: Sync Leads knows no condition (Marketo developer guide, Leads).
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from mksync.core.frozen import dataclass
from mksync.core.records import Field, FieldType, Logged, Replaced
from mksync.core.values import canonical
from mksync.vendors.marketo.codec import PERSON

BY_API = "Web service API"  # the source of a REST write (Marketo developer guide, Activities)
CUT = 255  # from this many characters on, the log is not trusted to have the whole of a text: no document tells


@dataclass(frozen=True, slots=True)
class Fields:
    """Fields by the number the log has for them; by label, where no number is known and no other field has it."""

    by_number: Mapping[int, Field]
    by_label: Mapping[str, Field]

    def of(self, item: Mapping[str, Any]) -> Field | None:
        number, label = item.get("primaryAttributeValueId"), item.get("primaryAttributeValue")
        return self.by_number.get(number) or self.by_label.get(str(label))  # type: ignore[arg-type]


def known(fields: Iterable[Field]) -> Fields:
    """The fields whose values are of interest."""
    every = list(fields)
    labels = [field.label for field in every]
    numbered = {field.number: field for field in every if field.number is not None}
    return Fields(numbered, {one.label: one for one in every if one.number is None and labels.count(one.label) == 1})


def replaced(item: Mapping[str, Any], fields: Fields, *, merge: bool) -> Iterator[Replaced]:
    """What an activity tells; nothing where it is no change of such a field, or not readable as its type."""
    id, at = str(item["leadId"]), moment(item.get("activityDate")) or 0.0
    entry = str(item.get("marketoGUID") or item.get("id") or f"{id} {item.get('activityDate')} {item}")
    if merge:
        yield Replaced(PERSON, id, None, entry, at)
        return
    field = fields.of(item)
    if field is None:
        return
    told = {str(one.get("name")): one.get("value") for one in item.get("attributes") or ()}
    try:  # an empty value is left out
        old, new = (_logged(field, told.get(name)) for name in ("Old Value", "New Value"))
    except ValueError:
        return
    yield Replaced(PERSON, id, field.name, entry, at, old, new, told.get("Source", BY_API) == BY_API)


def moment(text: object) -> float | None:
    """Seconds since the epoch of an activity's date; None if it is none."""
    try:
        date = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()


def _logged(field: Field, raw: object) -> Logged:
    """Raises ValueError for what is not of the field's type."""
    text = "" if raw is None else str(raw)
    if field.type is FieldType.DATETIME and text.strip():
        return _time(text.strip())
    long = len(text) >= CUT and (field.length is None or field.length > CUT)
    return Logged(canonical(field.type, text), cut=long)


def _time(text: str) -> Logged:
    """Times in the log may be US Central and not say so, or UTC."""
    local = datetime.fromisoformat(text)
    if local.tzinfo is not None:
        return Logged(canonical(FieldType.DATETIME, text))
    behind = _central(local)
    return Logged(canonical(FieldType.DATETIME, (local + behind).isoformat()), doubt=int(behind.total_seconds()))


def _central(local: datetime) -> timedelta:
    """How far US Central is behind UTC, by the rule in force since 2007; a slim system has no table of time zones."""
    begins, ends = _sunday(local.year, 3, 2), _sunday(local.year, 11, 1)
    return timedelta(hours=5 if begins <= local < ends else 6)


def _sunday(year: int, month: int, which: int) -> datetime:
    """Two in the morning of the month's first or second Sunday."""
    first = datetime(year, month, 1, 2)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (which - 1))
