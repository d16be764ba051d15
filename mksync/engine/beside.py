"""Some records of the CRM beside what Marketo has of them, found by the CRM's id that it bears."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from mksync.core.pairs import FieldPair
from mksync.core.records import PERSON, Record, Side, Sides, Value
from mksync.core.report import RecordName
from mksync.core.verdict import DIFFERS, STANDING, Difference
from mksync.engine.labels import label
from mksync.engine.owners import owners
from mksync.engine.project import Project
from mksync.engine.references import by_own_id, links, unnamed

Key = tuple[Value, ...]
Values = Mapping[str, Value]


class Beside:
    """`compared` counts the pairs of values that were looked at."""

    def __init__(self, project: Project, object: str, records: Sequence[Record]) -> None:
        self._project = project
        self._object = object
        self._records = records
        self._counterpart = project.counterpart(object)
        self._pairs = project.pairs[object]
        self.compared = 0

    def differences(self) -> Iterator[Difference]:
        found = self._found()
        for record in self._records:
            values = self._in_marketo(record.values)
            bearers = found.get(self._key(record, values), [])
            text = label(self._project, self._object, Side.CRM, record.values)
            name = RecordName(self._object, record.id, bearers[0].id if bearers else None, text)
            if len(bearers) == 1:
                yield from self._compare(name, bearers[0], values)
            else:
                yield Difference(name, None, "", None, None, self._reason([one.id for one in bearers]))

    def _reason(self, bearers: Sequence[str]) -> str:
        marketo = self._project.titles.marketo
        if not bearers:
            return f"{marketo} has nothing that bears its id"
        return f"{marketo} has it {len(bearers)} times: {', '.join(bearers)}"

    def _compare(self, name: RecordName, bearer: Record, values: Values) -> Iterator[Difference]:
        for pair in self._pairs:
            crm_field = pair.fields.crm.name
            now = Sides(bearer.values.get(pair.name), values.get(crm_field))
            self.compared += 1
            if not pair.same(now.marketo, now.crm):
                reason = STANDING if _stands(pair, now) else DIFFERS
                yield Difference(name, pair.name, crm_field, now.marketo, now.crm, reason)

    @property
    def _told(self) -> tuple[str, ...]:
        """What Marketo's record is found by: a person by the cross-id, others by what Marketo tells them by."""
        project = self._project
        return (project.key_field,) if self._counterpart == PERSON else project.dedupe.get(self._object, ())

    def _key(self, record: Record, values: Values) -> Key:
        if self._counterpart == PERSON:
            return (record.id,)
        by_name = {pair.name: pair for pair in self._pairs}
        told = [by_name[name] for name in self._told]
        return tuple(pair.image(values.get(pair.fields.crm.name), Side.CRM) for pair in told)

    def _found(self) -> Mapping[Key, list[Record]]:
        """Marketo's records by what they are told by."""
        told = self._told
        wanted = {self._key(record, self._in_marketo(record.values)) for record in self._records}
        firsts = sorted({str(key[0]) for key in wanted if key[0] is not None})
        names = [*dict.fromkeys([*self._project.names(Side.MARKETO, self._object), *told])]
        by_key: dict[Key, list[Record]] = defaultdict(list)
        if firsts:
            for record in self._project.ports.marketo.find(self._counterpart, told[0], firsts, names):
                by_key[tuple(record.values.get(name) for name in told)].append(record)
        return by_key

    def _in_marketo(self, values: Values) -> Values:
        """The CRM's values with the references as Marketo has to hold them."""
        named = {name: known.get(str(values.get(name))) for name, known in self._owners.items()}
        return {**values, **named, **unnamed(self._project, self._object, values)}

    @cached_property
    def _owners(self) -> Mapping[str, Mapping[str, str]]:
        """The CRM's reference -> its ids -> what Marketo calls the person or company that they lead to."""
        found = {}
        for pair in self._pairs:
            name = pair.fields.crm.name
            if links(pair) and by_own_id(pair):
                ids = (str(id) for one in self._records if (id := one.values.get(name)) is not None)
                found[name] = owners(self._project, pair, ids)
        return found


def _stands(pair: FieldPair, now: Sides[Value]) -> bool:
    """Whether a pair flows one way and its source is empty: what the target held when they met was left to it."""
    source = pair.direction.source
    return source is not None and now[source] is None
