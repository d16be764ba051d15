"""Histories of custom objects: who visits whom, and at which company; and what Marketo must have."""

from collections.abc import Mapping
from typing import ClassVar

from mksync.core.records import PERSON, Refusal, Side, Value
from mksync.engine.custom_objects import COMPANY
from mksync.engine.custom_objects import KEY as RECORD
from tests.chaos import beside
from tests.chaos.beside import COMMON, WAITS, Beside, Kept
from tests.chaos.runner import Script
from tests.chaos.worlds import ChaosOfCustoms
from tests.engine.custom import STOP, VISIT
from tests.world import KEY

KINDS = {**COMMON, "visit": 3, "stop": 2, "move_visit": 2, "move_stop": 2, "found": 1}
FIRST = ("meet", "meet", "found", "visit", "visit", "stop")


def script(seed: int) -> Script:
    return beside.script(seed, FIRST, KINDS)


class History(Beside):
    """A visit belongs to a contact or lead, and to an account; a stop to whom its visit belongs to."""

    kept: ClassVar = {
        VISIT: Kept("visit", RECORD, "name", "Name"),
        STOP: Kept("stop", RECORD, "name", "Name"),
        "account": Kept(COMPANY, "externalCompanyId", "company", "Name"),
    }
    deleted_in_marketo: ClassVar = ("visit", "stop", PERSON, COMPANY)
    gone_meanwhile: ClassVar = (COMPANY,)

    def __init__(self, script: Script) -> None:
        super().__init__(ChaosOfCustoms(script))
        self.world.marketo.refuse_in = self._unknown

    def _unknown(self, object: str, values: Mapping[str, Value]) -> Refusal | None:
        """Marketo refuses a record that is linked to a person or company it does not have."""
        for name in (PERSON, COMPANY):
            named = values.get(name) if object not in (PERSON, COMPANY) else None
            if named is not None and str(named) not in self.world.marketo.records.get(name, ()):
                return Refusal("1004", f"{name} not found")
        return None

    # what people do

    def found(self, _: int, __: int, ___: int, name: str) -> None:
        self.new("account", Name=name)

    def _looked_up(self, first: int, second: int, third: int) -> dict[str, Value]:
        return {
            "Lead__c": self.pick("lead", first),
            "Contact__c": self.pick("contact", second) if second < 4 else None,
            "Account__c": self.pick("account", third) if third < 5 else None,
        }

    def visit(self, first: int, second: int, third: int, name: str) -> None:
        self.new(VISIT, Name=name, **self._looked_up(first, second, third))

    def move_visit(self, which: int, first: int, second: int, _: str) -> None:
        if visit := self.pick(VISIT, which):
            self.world.crm.put(VISIT, visit, **self._looked_up(first, second, first + second))

    def stop(self, which: int, _: int, __: int, name: str) -> None:
        self.new(STOP, Name=name, Visit__c=self.pick(VISIT, which))

    def move_stop(self, which: int, visit: int, _: int, __: str) -> None:
        if stop := self.pick(STOP, which):
            self.world.crm.put(STOP, stop, Visit__c=self.pick(VISIT, visit))

    def edit_in_marketo(self, object: int, which: int, person: int, name: str) -> None:
        """Its person, too."""
        of = list(self.kept)[object % len(self.kept)]
        id = self.pick(self.kept[of].counterpart, which, side=Side.MARKETO)
        if id and of != "account":
            values: dict[str, Value] = {PERSON: self.pick(PERSON, person, side=Side.MARKETO)}
            self.world.marketo.put(self.kept[of].counterpart, id, **values)
        super().edit_in_marketo(object, which, person, name)

    def name(self, counterpart: str, which: int, other: int, name: str) -> None:
        id = self.pick(counterpart, which, side=Side.MARKETO)
        if id is None:
            return
        record = self.world.marketo.records[counterpart][id]
        if counterpart == COMPANY:
            values = {"Account__c": record["externalCompanyId"], "Lead__c": None, "Contact__c": None}
        else:
            now = record[KEY]
            values = {"Account__c": None, "Lead__c": None, "Contact__c": None}
            values["Lead__c" if now in self.records("lead") else "Contact__c"] = now
        visit = self.pick(VISIT, other) if other % 2 else None
        if visit:
            self.world.crm.put(VISIT, visit, **values)
        else:
            self.new(VISIT, Name=name, **values)

    # what must be true

    def waits(self, object: str, id: str) -> bool | None:
        if object == "account":
            return False
        return None if self._of_somebody_deleted(object, id) else WAITS in self._owners(object, id)

    def they_belong_to_whom_the_crm_says(self) -> None:
        for object in (VISIT, STOP):
            kept = {row[RECORD]: row for row in self.world.kept(self.kept[object].counterpart)}
            for id in self.records(object).keys() & kept.keys():
                if self._of_somebody_deleted(object, id):
                    continue
                company = kept[id].get(COMPANY)
                held = kept[id][PERSON], None if company is None else str(company)
                wanted = self._owners(object, id)
                alike = all(one in (WAITS, now) for one, now in zip(wanted, held, strict=True))
                assert alike, f"owner: {object} {id} {kept[id]}, not {wanted}"

    def _visit(self, object: str, id: str) -> Mapping[str, Value] | str | None:
        """The visit that this is, or is a stop of; None if it is of none, WAITS if that is gone."""
        visit = self.records(STOP)[id]["Visit__c"] if object == STOP else id
        return self.records(VISIT).get(str(visit), WAITS) if visit is not None else None

    def _owners(self, object: str, id: str) -> tuple[str | None, str | None]:
        """The person and the company that the CRM says it belongs to, if Marketo has them; else it waits."""
        values = self._visit(object, id)
        if values is None or isinstance(values, str):
            return values, None
        named = values["Contact__c"] or values["Lead__c"]
        person = None if named is None else self.person(named) or WAITS
        return person, self._company(values["Account__c"]) if object == VISIT else None

    def _company(self, named: Value) -> str | None:
        companies = self.world.marketo.records.get(COMPANY, {}).items()
        there = (id for id, values in companies if values["externalCompanyId"] == named)
        return None if named is None else next(there, WAITS) if named in self.records("account") else WAITS

    def _of_somebody_deleted(self, object: str, id: str) -> bool:
        """Those stay where they are; who comes anew waits."""
        values = self._visit(object, id)
        if values is None or isinstance(values, str):
            return values == WAITS
        account = values["Account__c"] if object == VISIT else None
        gone = account is not None and account not in self.records("account")
        return gone or self.is_deleted(values["Contact__c"] or values["Lead__c"])
