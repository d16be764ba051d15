"""Values that have another name on the other side: "Hot" in the CRM is "1" in Marketo."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import field

from mksync.core.frozen import dataclass
from mksync.core.records import Field, FieldType, Side, Sides, Value
from mksync.core.values import canonical, translate

SEPARATOR = ";"  # of a multi-select's canonical value


@dataclass(frozen=True, slots=True)
class ValueMap:
    """What the values of one field pair are called on the other side. A value that is not in it passes unchanged.

    rows: (the CRM's value, Marketo's). Where either field is a multi-select, each of its values is looked up by itself.
    Two of the CRM's values may stand for one of Marketo's; that one has no image then, so nothing may flow back.
    """

    rows: tuple[tuple[str, str], ...] = ()
    _names: Sides[Mapping[Value, str]] = field(default=Sides({}, {}), compare=False, repr=False)
    _ambiguous: frozenset[Value] = field(default=frozenset(), compare=False, repr=False)  # of Marketo's values

    @classmethod
    def of(cls, rows: tuple[tuple[str, str], ...], fields: Sides[Field]) -> "ValueMap":
        """For these fields. A value that one of them can never hold (a word in a number) is never met, so left out."""
        keyed = [(_key(marketo, fields, Side.MARKETO), _key(crm, fields, Side.CRM)) for crm, marketo in rows]
        often = Counter(marketo for marketo, _ in keyed)
        to_crm = {key: crm for (key, _), (crm, _) in zip(keyed, rows, strict=True) if often[key] == 1}
        to_marketo = {key: marketo for (_, key), (_, marketo) in zip(keyed, rows, strict=True)}
        for names in (to_crm, to_marketo):
            names.pop(None, None)
        return cls(rows, Sides(to_crm, to_marketo), frozenset(key for key, times in often.items() if times > 1))

    def image(self, value: Value, fields: Sides[Field], of: Side) -> Value:
        """What a value held by side `of` is in the other side's field. Raises ValueError where it has no image."""
        source, target = fields[of], fields[of.other]
        if not self.rows:
            return translate(value, source, target)
        if not are_lists(fields):
            return self._image(value, fields, of)
        parts = [str(self._image(part, fields, of)) for part in _parts(value)]
        return translate(canonical(FieldType.MULTIPICKLIST, SEPARATOR.join(parts)), source, target)

    def strays(self, value: Value, fields: Sides[Field], of: Side) -> bool:
        """Whether a value passes unchanged, and would be taken for another one on its way back.

        With "Hot" = "1", the "Hot" that somebody typed in Marketo arrives in the CRM as it is, where it means "1".
        """
        parts = _parts(value) if are_lists(fields) else [value]
        return any(self._strays(part, fields, of) for part in parts)

    def _strays(self, part: Value, fields: Sides[Field], of: Side) -> bool:
        key = _key(part, fields, of)
        if key is None or key in self._names[of] or key in self._ambiguous:
            return False
        return _key(canonical(FieldType.TEXT, key), fields, of.other) in self._names[of.other]

    def _image(self, part: Value, fields: Sides[Field], of: Side) -> Value:
        source, target = fields[of], fields[of.other]
        key = _key(part, fields, of)
        if of is Side.MARKETO and key in self._ambiguous:
            raise ValueError(f"{part} stands for several values")
        name = self._names[of].get(key)
        if are_lists(fields):
            return part if name is None else name
        return translate(part, source, target) if name is None else canonical(target.type, name, target.scale)


NO_VALUES = ValueMap()


def are_lists(fields: Sides[Field]) -> bool:
    """Whether the values of these fields are several, each to be looked up by itself."""
    return FieldType.MULTIPICKLIST in (fields.marketo.type, fields.crm.type)


def _parts(value: Value) -> list[str]:
    parts = (part.strip() for part in str(value or "").split(SEPARATOR))
    return [part for part in parts if part]


def _key(value: Value, fields: Sides[Field], of: Side) -> Value:
    """A value, or a text that means one, as side `of` would hold it; None if it never would."""
    field = fields[of]
    try:
        return canonical(FieldType.TEXT if are_lists(fields) else field.type, value, field.scale)
    except ValueError:
        return None
