"""A project over two systems in memory, with the handful of fields that the rules need."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mksync.core.brakes import Limits
from mksync.core.pairs import Direction, FieldPair, Policy, default_policy
from mksync.core.pushing import PushReport, PushWish
from mksync.core.records import Catalogue, Field, FieldType, Record, Schema, Side, Sides, Value
from mksync.core.report import RunReport
from mksync.engine.filter_column import unwritten
from mksync.engine.person import push_people
from mksync.engine.progress import Silent
from mksync.engine.project import PERSON, Project
from mksync.engine.run import Options, run_once
from mksync.engine.whereabouts import Several
from mksync.mirror import Mirror
from mksync.ports import Port
from tests.memory import Clock, MemoryPort, PlugPulled, System, UnreadPort, fatal

KEY = "mksyncCrmId"
FIELDS = {
    "firstName": ("FirstName", FieldType.TEXT),
    "lastName": ("LastName", FieldType.TEXT),
    "email": ("Email", FieldType.EMAIL),
    "title": ("Title", FieldType.TEXT),
    "phone": ("Phone", FieldType.PHONE),
    "unsubscribed": ("HasOptedOutOfEmail", FieldType.BOOLEAN),
    "leadScore": ("Score__c", FieldType.INTEGER),
}


def _schema(object: str, fields: list[Field]) -> Schema:
    return Schema(object, object.title(), {field.name: field for field in fields})


PEOPLE = _schema(PERSON, [Field(KEY, KEY, FieldType.TEXT), *(Field(m, m, t) for m, (_, t) in FIELDS.items())])
CRM = {
    object: _schema(
        object,
        [Field("Id", "Id", FieldType.REFERENCE, writable=False), *(Field(c, c, t) for c, t in FIELDS.values())],
    )
    for object in ("lead", "contact")
}
FILTER = Field("Sync__c", "Sync to Marketo", FieldType.BOOLEAN, custom=True)
FILTERED = {object: _schema(object, [*schema.fields.values(), FILTER]) for object, schema in CRM.items()}


class World:
    """Two systems, a mirror, and cycles between them. `filtered`: the CRM has a column that says what is synced."""

    def __init__(
        self,
        folder: Path,
        policies: Mapping[str, Policy] | None = None,
        limits: Limits | None = None,
        *,
        filtered: bool = False,
    ) -> None:
        self.path = folder / "mksync.db"
        self.clock = Clock()
        self.marketo = System(Side.MARKETO, {PERSON: PEOPLE}, token_field=KEY, tells=True)
        self.crm = System(Side.CRM, FILTERED if filtered else CRM, nullable=frozenset({FILTER.name}))
        self.marketo.now = self.crm.now = self.clock.now
        self.selected_filter = ""  # the Marketo field that is paired with the filter column, instead of its usual one
        self.filters = dict.fromkeys(CRM, FILTER) if filtered else {}
        self.policies = dict(policies or {})
        self.directions: dict[str, Direction] = {}
        self.limits = limits or Limits()
        self.mirror = Mirror.open(self.path, create=True)
        for side in Side:
            self.mirror.project.set(f"{side}_organisation", "org-1")

    @property
    def systems(self) -> Sides[System]:
        return Sides(self.marketo, self.crm)

    def project(self) -> Project:
        project = self._project()
        lookups = [(Side.MARKETO, PERSON, KEY), (Side.MARKETO, PERSON, "email")]
        self.mirror.shape(project.pairs, lookups, project.filters)
        return project

    def _project(self) -> Project:
        pairs = {object: self._pairs(object) for object in CRM}
        return Project(
            mirror=self.mirror,
            ports=self._ports(),
            clock=self.clock,
            titles=Sides("Marketo", "CRM"),
            catalogue={object: Catalogue(object, object.title()) for object in CRM},
            pairs=pairs,
            key_field=KEY,
            limits=self.limits,
            filters=self.filters,
        )

    def _ports(self) -> Sides[Port]:
        return Sides(UnreadPort(self.marketo), MemoryPort(self.crm))

    def _pairs(self, object: str) -> list[FieldPair]:
        key = FieldPair(object, Sides(PEOPLE.fields[KEY], CRM[object].fields["Id"]), Direction.TO_MARKETO, Policy.CRM)
        return [key, *(self._pair(object, marketo, crm) for marketo, (crm, _) in FIELDS.items())]

    def _crm_field(self, object: str, marketo: str, crm: str) -> Field:
        return FILTER if marketo == self.selected_filter else CRM[object].fields[crm]

    def _pair(self, object: str, marketo: str, crm: str) -> FieldPair:
        usual = Policy.STICKY_TRUE if marketo == "unsubscribed" else default_policy(object)
        policy = self.policies.get(marketo, usual)
        direction = self.directions.get(marketo, Direction.BOTH)
        fields = Sides(PEOPLE.fields[marketo], self._crm_field(object, marketo, crm))
        pair = FieldPair(object, fields, direction, policy)
        return unwritten(pair, self.filters[object]) if object in self.filters else pair

    def cycle(
        self, *, dry: bool = False, confirm: int | None = None, objects: tuple[str, ...] = (), retry: bool = False
    ) -> RunReport:
        self.clock.sleep(300)
        return run_once(self.project(), Options(dry, objects, confirm, retry))

    def push(self, *whos: str, choose: Callable[[Several], Record | None] | None = None, **wish: Any) -> PushReport:
        return push_people(self.project(), whos, PushWish(**wish), self.crm.schemas, choose, Silent())

    @contextmanager
    def dying(self, at: int, *, lost: bool = False) -> Iterator[None]:
        """What is done meanwhile dies at this step (see `fatal`), and the next process opens the mirror again."""
        self.marketo.at_step = self.crm.at_step = fatal(at, lost=lost)
        try:
            yield
        except PlugPulled:
            self.reopen()
        self.marketo.at_step = self.crm.at_step = lambda step: None

    def reopen(self) -> None:
        """What the next process would do: open the file again."""
        self.mirror.close()
        self.mirror = Mirror.open(self.path)

    def writes(self) -> int:
        return self.marketo.writes + self.crm.writes

    def lead(self, number: int, **values: Value) -> str:
        return self.crm.put("lead", f"L{number}", **values)

    def contact(self, number: int, **values: Value) -> str:
        return self.crm.put("contact", f"C{number}", **values)

    def person_of(self, record: str) -> dict[str, Value]:
        """The person that carries this CRM record's id."""
        found = [values for values in self.marketo.records.get(PERSON, {}).values() if values[KEY] == record]
        assert len(found) == 1, f"{record} has {len(found)} people"
        return found[0]

    def person_id(self, record: str) -> str:
        return next(id for id, values in self.marketo.records[PERSON].items() if values[KEY] == record)
