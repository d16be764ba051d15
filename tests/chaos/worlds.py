"""Worlds of systems that have every habit there is, with a mirror in memory."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from mksync.core.brakes import Limits
from mksync.core.records import PERSON, Catalogue, Field, FieldType, Schema, Side, Sides
from mksync.engine.custom_objects import COMPANY, entry, with_links
from mksync.engine.fields import Schemas
from mksync.engine.project import Project
from mksync.engine.run import Options, run_once
from mksync.errors import AccessError, Temporary
from mksync.ports import Port
from mksync.selection import Custom
from tests.chaos.prepared import NOWHERE, ChaosMirror, image
from tests.chaos.runner import Script
from tests.chaos.systems import ChaosPort, ChaosSystem, ChaosUnreadPort, Fault, Ledger, NumberingPort
from tests.engine.custom import VISIT, CustomWorld
from tests.engine.one_way import CATALOGUE, SCHEMAS, OneWayWorld
from tests.memory import Clock, PlugPulled
from tests.world import CRM, FILTER, FILTERED, KEY, PEOPLE, World

TRANSACTIONS = 4  # of the mirror, to a step of a side
VISITED = Custom("visit", "Visit", company=("Account__c",), person=("Contact__c", "Lead__c"))
OF_ACCOUNT = Field("Account__c", "Account", FieldType.REFERENCE, references=("account",))
TO_COMPANY = Field(COMPANY, COMPANY, FieldType.INTEGER, references=(COMPANY,))
SKEWS = (0.0, 0.0, 45.0, -45.0, 7200.0, -7200.0)  # seconds that a system's clock is ahead of ours


class Chaos(World):
    """What the worlds have in common."""

    marketo: ChaosSystem
    crm: ChaosSystem
    mirror: ChaosMirror

    def __init__(self, seed: int, image: bytes, schemas: Sides[Mapping[str, Schema]], skews: Sides[float]) -> None:
        self.clock, self.path, self.ledger = Clock(), NOWHERE, Ledger()
        self.sooner = seed % TRANSACTIONS  # so that histories together reach every transaction
        self.selected_filter, self.policies, self.directions, self.limits = "", {}, {}, Limits()
        self.filters = dict.fromkeys(CRM, FILTER) if FILTER.name in schemas.crm["lead"].fields else {}
        nullable = frozenset({FILTER.name})
        self.marketo = self._system(seed, Side.MARKETO, schemas, skews, token_field=KEY, tells=True)
        self.crm = self._system(seed, Side.CRM, schemas, skews, nullable=nullable)
        self.mirror = ChaosMirror.of(image)
        self._open()

    def _open(self) -> None:
        """The image has its tables already."""
        self.opened = self._project()
        self.mirror.links.counterparts = dict(self.opened.counterparts)

    def _system(
        self, seed: int, side: Side, schemas: Sides[Mapping[str, Schema]], skews: Sides[float], **options: Any
    ) -> ChaosSystem:
        random = Random(f"{seed} {side}")
        system = ChaosSystem(side, schemas[side], ledger=self.ledger, random=random, **options)
        system.now = lambda: self.clock.now() + skews[side]
        return system

    def _ports(self) -> Sides[Port]:
        return Sides(ChaosUnreadPort(self.marketo), ChaosPort(self.crm))

    def project(self) -> Project:
        return self.opened

    def reopen(self) -> None:
        self.mirror = self.mirror.again()
        self._open()

    def weather(self, *, calm: bool) -> None:
        for system in (self.marketo, self.crm):
            system.calm, system.fault = calm, None

    def once(self) -> None:
        """A cycle."""
        self.clock.sleep(300)
        self.ledger.cycle += 1
        run_once(self.project(), Options())

    def meets(self, fault: Fault, side: Side) -> None:
        """A cycle that meets a fault on one side, or of the mirror."""
        system = self.marketo if side is Side.MARKETO else self.crm
        if fault.kind == "mirror":
            self.mirror.dies_at = TRANSACTIONS * fault.nth - self.sooner
        else:
            system.fault = fault
        try:
            self.once()
        except PlugPulled:
            self.reopen()
        except (Temporary, AccessError):
            pass
        system.fault, self.mirror.dies_at = None, 0
        if fault.kind != "edit":
            self.ledger.disturbed.add(self.ledger.cycle)


def people(folder: Path) -> World:
    return World(folder, filtered=True)


def chaos_of_people(seed: int, skews: Sides[float]) -> Chaos:
    return Chaos(seed, image(people), Sides({PERSON: PEOPLE}, FILTERED), skews)


def _with(schema: Schema, *fields: Field) -> Schema:
    return replace(schema, fields={**schema.fields, **{field.name: field for field in fields}})


class ChaosBeside(Chaos, OneWayWorld):
    """People, and what Marketo keeps beside them. `prepared`: makes a world of the same objects."""

    prepared: Callable[[Path], World]

    def __init__(self, script: Script) -> None:
        self.objects = tuple(self.catalogue)
        schemas: Sides[Mapping[str, Schema]] = Sides(*(self.described(side) for side in Side))
        Chaos.__init__(self, script.seed, image(self.prepared), schemas, Sides(*script.facts["skews"]))

    def _ports(self) -> Sides[Port]:
        return Sides(NumberingPort(self.marketo), ChaosPort(self.crm))


class ChaosOfDeals(ChaosBeside):
    """Accounts, users, opportunities and roles."""

    prepared = OneWayWorld


class _Visited(CustomWorld):
    """Custom objects, of which one belongs to companies as well."""

    catalogue: Mapping[str, Catalogue] = {
        **{object: CATALOGUE[object] for object in ("account", "lead", "contact")},
        **CustomWorld.catalogue,
        VISIT: entry(Catalogue(VISIT, "Visit", counterpart="visit", one_way=True), VISITED),
    }
    schemas: Schemas = with_links(
        {
            **CustomWorld.schemas,
            **{key: SCHEMAS[key] for key in ((Side.CRM, "account"), (Side.MARKETO, COMPANY))},
            (Side.CRM, VISIT): _with(CustomWorld.schemas[Side.CRM, VISIT], OF_ACCOUNT),
            (Side.MARKETO, "visit"): _with(CustomWorld.schemas[Side.MARKETO, "visit"], TO_COMPANY),
        },
        {VISIT: VISITED},
    )
    selected: Mapping[str, Mapping[str, str]] = {**CustomWorld.selected, "account": {"company": "Name"}}


class ChaosOfCustoms(ChaosBeside, _Visited):
    """People and companies, and custom objects that belong to them."""

    prepared = _Visited
