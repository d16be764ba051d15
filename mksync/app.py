"""Where everything is put together: configuration, mirror, both sides' ports and the field pairs of the selection."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field, replace
from typing import TYPE_CHECKING, TypeVar

from mksync import checking, selection
from mksync.config import Config
from mksync.core.frozen import dataclass
from mksync.core.pairs import FieldPair, Policy
from mksync.core.records import Catalogue, Field, Schema, Side, Sides
from mksync.core.report import RunReport
from mksync.engine import custom_objects, drift
from mksync.engine import fields as engine_fields
from mksync.engine.behind import check_not_behind
from mksync.engine.budget import count_aside, count_earlier_runs
from mksync.engine.filter_column import filter_column, unwritten
from mksync.engine.progress import Progress
from mksync.engine.project import NO_CALLS, PERSON, Project
from mksync.engine.run import Options, run_once
from mksync.engine.turns import Alone, Between, Turns
from mksync.errors import AccessError, ConfigError, MirrorError
from mksync.mirror import Mirror
from mksync.mirror.last import forget
from mksync.mirror.lock import InTurn, Lock, Waits
from mksync.mirror.trouble import told
from mksync.ports import Clock, Port, Shares
from mksync.selection import Custom

if TYPE_CHECKING:
    from mksync.engine.offers import Doing

T = TypeVar("T")
KEY_HINT = "let mksync create it: mksync init --create-key-field"


@dataclass(frozen=True, slots=True)
class App:
    """A project in use by one command."""

    config: Config
    mirror: Mirror
    ports: Sides[Port]
    clock: Clock
    titles: Sides[str]
    calls_before: Sides[int] = NO_CALLS  # that the ports had made before this command, or cycle, began
    turns: Turns = field(default_factory=Alone)  # who may work between two pages or batches of a cycle
    customs: Mapping[str, Custom] = field(default_factory=dict)  # the CRM's custom objects that may sync

    def reserved(self, object: str) -> Mapping[str, str]:
        """Marketo's fields that nobody may select for this object, and why."""
        entry, why = self.catalogue[object], "mksync keeps the CRM record's id in it"
        if entry.counterpart == PERSON:
            return {**self.config.vendor(Side.MARKETO).catalogue[PERSON].not_offered, self.config.key_field: why}
        links = {tie.marketo: "mksync links the record by it" for tie in entry.ties}
        return {**links, **{pair.marketo: why for pair in entry.pairs if pair.crm == entry.key}}

    @property
    def catalogue(self) -> Mapping[str, Catalogue]:
        """What is known of the CRM's objects, in the order they are synced in."""
        return custom_objects.catalogue(self.config.vendor(Side.CRM), self.customs)

    def with_custom(self, object: str, custom: Custom) -> "App":
        """The same, with a custom object that may sync as well."""
        return replace(self, customs={**self.customs, object: custom})

    def synced(self, chosen: selection.Selection) -> tuple[str, ...]:
        """The objects that sync: those of people always, the one-way ones once fields of theirs are selected."""
        return selection.synced(chosen, self.catalogue)

    def schemas(self, objects: Iterable[str], max_age: float = engine_fields.SCHEMA_AGE) -> engine_fields.Schemas:
        """The fields both sync users see; described afresh if the mirror's copy is older than `max_age` seconds."""
        known = self.catalogue
        of = {object: known[object].counterpart for object in objects}
        described = engine_fields.describe(self.mirror, self.ports, self.clock, of, max_age)
        return custom_objects.with_links(described, self.customs)

    def described(self, project: Project) -> Mapping[str, Schema]:
        """The CRM's leads and contacts, as this project goes by them."""
        schemas = self.schemas(project.people)
        return {object: schemas[Side.CRM, object] for object in project.people}

    def project(self, schemas: engine_fields.Schemas, chosen: selection.Selection) -> Project:
        """The project with this selection, and a mirror that has room for it. Raises ConfigError, AccessError."""
        checking.check_objects(chosen, self.config, self.catalogue)
        checking.check_reserved(chosen, self.config)
        catalogue = self.catalogue
        synced = self.synced(chosen)
        lacking = {object: why for object in synced if (why := checking.lacking(schemas, catalogue[object]))}
        objects = [object for object in synced if object not in lacking]
        there = selection.Selection({object: chosen.of(object) for object in objects}, chosen.customs)
        pairs, suspended = engine_fields.resolve(
            there, schemas, catalogue, self.config.policy, self.mirror, self.titles
        )
        for object in objects:
            own = engine_fields.own_pairs(schemas, catalogue, objects, object)
            if not catalogue[object].one_way:
                own.insert(0, self._key_pair(schemas, object))
            pairs[object][:0] = own
        filters = {object: field for object in pairs if (field := self.filter(object, schemas[Side.CRM, object]))}
        for object, field in filters.items():
            pairs[object] = [unwritten(pair, field) for pair in pairs[object]]
        project = Project(
            mirror=self.mirror,
            ports=self.ports,
            clock=self.clock,
            titles=self.titles,
            catalogue=catalogue,
            pairs=pairs,
            key_field=self.config.key_field,
            match_keys=self.config.match_keys,
            limits=self.config.limits,
            recreate_people=self.config.recreate_people,
            suspended=(*(one.key for one in suspended), *checking.resting(chosen, lacking)),
            warnings=(
                *checking.strange_policies(self.config, schemas),
                *drift.warnings(suspended),
                *self._required(schemas, there),
                *(f"{catalogue[object].label} is not synced: {why}" for object, why in lacking.items()),
                *custom_objects.unlinked(self.customs, schemas, pairs),
            ),
            notes=tuple(self._notes(pairs)),
            dedupe={one: schemas[Side.MARKETO, catalogue[one].counterpart].dedupe for one in objects},
            filters=filters,
            demanded={object: drift.demanded(schemas[Side.CRM, object]) for object in pairs},
            calls_before=self.calls_before,
            turns=self.turns,
        )
        self.mirror.shape(pairs, list(project.lookups()), project.filters, project.counterparts)
        return project

    def doing(self, object: str, schemas: engine_fields.Schemas, chosen: selection.Selection) -> "Doing":
        """How the selected pairs of an object are doing."""
        from mksync.engine.offers import Doing  # no cycle asks

        entry, mirror = self.catalogue[object], self.mirror
        there = selection.Selection({one: chosen.of(one) for one in self.synced(chosen) if (Side.CRM, one) in schemas})
        pairs, suspended = engine_fields.resolve(
            there, schemas, self.catalogue, self.config.policy, mirror, self.titles
        )
        mirror.shape(pairs, counterparts={one: self.catalogue[one].counterpart for one in pairs})
        live = {pair.name: pair.policy for pair in pairs.get(object, ())}
        return Doing(
            suspended={one.marketo: one for one in suspended if one.object == object},
            policies={line.marketo: self._policy_of(entry, line) for line in chosen.of(object)} | live,
            left=mirror.pending.left(object),
            changed=mirror.journal.last_changes(object),
        )

    def _policy_of(self, entry: Catalogue, line: selection.Selected) -> Policy:
        """Who wins a collision on a pair that rests: what its fields are is not asked."""
        if entry.one_way:
            return Policy.CRM
        opt_out = entry.is_opt_out(line.crm, line.marketo)
        return self.config.policy(entry.object, line.marketo, checkbox=opt_out, opt_out=opt_out)

    def _required(self, schemas: engine_fields.Schemas, chosen: selection.Selection) -> Iterator[str]:
        for object, lines in chosen.pairs.items():
            yield from drift.required(object, schemas[Side.CRM, object], lines, self.catalogue[object], self.titles.crm)

    def _notes(self, pairs: Mapping[str, Iterable[FieldPair]]) -> Iterator[str]:
        known = self.mirror.project.pairs()
        for object, found in pairs.items():
            for pair in found:
                if before := known.get((object, pair.name, pair.fields.crm.name)):
                    yield from drift.notes(pair, before.seen, self.titles)

    def filter(self, object: str, schema: Schema) -> Field | None:
        """The column that the object's records are filtered by, if they are. Raises ConfigError, AccessError."""
        wish = self.config.filters.get(object)
        return filter_column(schema, self.catalogue[object], wish, self.mirror.project.filter(object), self.titles.crm)

    def _key_pair(self, schemas: engine_fields.Schemas, object: str) -> FieldPair:
        key = engine_fields.key_pair(object, schemas, self.config.key_field, self.catalogue[object].key)
        if key is None:
            raise ConfigError(f"Marketo has no field {self.config.key_field}", hint=KEY_HINT)
        return key


def open_ports(config: Config, clock: Clock) -> Sides[Port]:
    """Both sides, which sign in with their first call. Secrets are looked up now. Raises ConfigError."""
    return Sides(*(_opened(config, side, clock) for side in Side))


def _opened(config: Config, side: Side, clock: Clock) -> Port:
    vendor, settings = config.vendor(side), config.settings(side)
    if isinstance(vendor, Shares):
        return vendor.open_beside(settings, clock, config.beside)
    return vendor.open(settings, clock)


@contextmanager
def open_app(
    config: Config,
    clock: Clock,
    *,
    create: bool = False,
    in_turn: bool = False,
    command: str = "",
    aside: bool = False,
    waits: Waits | None = None,
    ports: Sides[Port] | None = None,
    chosen: selection.Selection | None = None,
) -> Iterator[App]:
    """Take the lock, open the mirror and both sides. Raises LockHeld, MirrorError, ConfigError.

    `in_turn`: wait for a run's next pause instead, and work before it goes on (what such a command has to keep stands
    in `engine.giving_way`). `command`: how whoever waits for this one is told of it. `aside`: its calls are counted
    by themselves, as it runs no cycle. `waits`: told, in words, before
    this one waits for another. `ports`: signed in already, by `open_ports`. `chosen`: instead of what is
    in the file.
    """
    if not create and not config.mirror.exists():
        raise MirrorError(f"there is no mirror at {config.mirror}", hint="mksync init")
    kind = InTurn if in_turn else Lock
    with kind(config.mirror, command, clock.now(), waits) as lock, told(config.mirror):
        if not config.mirror.exists():
            forget(config.mirror)
        mirror = Mirror.open(config.mirror, create=create)
        try:
            if not in_turn:  # whose file another process has open
                mirror.look_over(clock.now())
            app = connected(config, mirror, clock, Alone() if create else Between(lock), ports, chosen)
            try:
                yield app
            finally:
                if aside:
                    count_aside(mirror, app.ports, app.titles, app.calls_before, clock.now())
        finally:
            mirror.close()


def connected(
    config: Config,
    mirror: Mirror,
    clock: Clock,
    turns: Turns,
    ports: Sides[Port] | None = None,
    chosen: selection.Selection | None = None,
) -> App:
    """A project with this mirror and a port to each side. Raises ConfigError."""
    ports = ports or open_ports(config, clock)
    titles = Sides(*(config.vendor(side).title for side in Side))
    if chosen is None and config.selection.exists():
        chosen = selection.load(config.selection)
    customs = chosen.customs if chosen else {}
    count_earlier_runs(mirror, ports, titles)
    return App(config, mirror, ports, clock, titles, ports.map(lambda port: port.calls), turns, customs)


def cycle(app: App, options: Options, progress: Progress, chosen: selection.Selection | None = None) -> RunReport:
    """Run one cycle with this selection, else with the one in its file."""
    warnings = check_not_behind(app.mirror, options.confirm, dry=options.dry)

    def once(project: Project) -> RunReport:
        return run_once(replace(project, warnings=(*warnings, *project.warnings)), options, progress)

    return _working(app, once, chosen)


def working(app: App, work: Callable[[Project], T]) -> T:
    """Do something with what is selected, with a mirror that is not an older copy. Raises BrakeApplied."""
    check_not_behind(app.mirror)
    return _working(app, work)


def _working(app: App, work: Callable[[Project], T], chosen: selection.Selection | None = None) -> T:
    """With fields that are described afresh, again, if one of them has vanished.

    That makes a vendor refuse the whole read; the vanished one is then suspended.
    """
    chosen = chosen or selection.load(app.config.selection)
    app = replace(app, customs=chosen.customs)
    objects = app.synced(chosen)
    try:
        project = app.project(app.schemas(objects), chosen)
    except AccessError:  # what is granted meanwhile is to be seen at once
        project = app.project(app.schemas(objects, max_age=0), chosen)
    try:
        return work(project)
    except AccessError:
        fresh = app.project(app.schemas(objects, max_age=0), chosen)
        if (fresh.suspended, fresh.objects) == (project.suspended, project.objects):
            raise
    return work(fresh)
