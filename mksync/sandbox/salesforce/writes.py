"""The one place where records are created, changed, deleted and brought back, whatever kind of call asks for it.

Order of a save: names and profile, types and lengths, required fields, parents, unique keys, validation rules,
duplicate rules; then the row is written and stamped, and the organisation's automation runs.
Source: SOAP API Developer Guide, "Core Calls"; Object Reference, "System Fields".
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from mksync.sandbox.salesforce import ids
from mksync.sandbox.salesforce.catalogue import View
from mksync.sandbox.salesforce.checks import check_references, check_unique, require
from mksync.sandbox.salesforce.derived import derive
from mksync.sandbox.salesforce.errors import AmbiguousKey, ApiError, missing_key, refuse
from mksync.sandbox.salesforce.fields import Field, SObject
from mksync.sandbox.salesforce.intake import AUDIT, Reader
from mksync.sandbox.salesforce.org import Actor, Org
from mksync.sandbox.salesforce.pending import Action, Pending
from mksync.sandbox.salesforce.rules import Rules
from mksync.sandbox.salesforce.standard.children import CASCADES
from mksync.sandbox.salesforce.tables import Row
from mksync.sandbox.salesforce.values import Intake

_ASSIGNED = frozenset({"Account", "Lead"})


@dataclass(frozen=True, slots=True)
class Save:
    """Who saves, and what the request's headers say about it."""

    actor: Actor
    allow_duplicates: bool = False
    show_duplicates: bool = False
    assign: bool = True
    truncate: bool = False
    stamp: str | None = None  # when the transaction began, if not now
    automate: bool = True
    path: str = "/services/data/v67.0/sobjects/"


class Writer:
    """Creates, changes and deletes records of one organisation. Every method raises ApiError and then wrote nothing."""

    def __init__(self, org: Org, rules: Rules, pending: Pending) -> None:
        self._org = org
        self._rules = rules
        self._pending = pending

    def create(self, object: str, body: object, save: Save, *, id: str | None = None) -> str:
        """Insert one record from a request's JSON; its id. `id` may have been set aside for it before."""
        view = self._writable(object, save)
        reader = Reader(self._org, view, self._intake(save), inserting=True)
        return self.insert(view.object, reader.read(body, audit=save.actor.admin), save, id)

    def update(self, object: str, id: str, body: object, save: Save, *, key: str | None = None) -> None:
        """Change one record by its 18-character id; `key` is a field the path has named already."""
        view = self._writable(object, save)
        old = self.live(view.object, id)
        reader = Reader(self._org, view, self._intake(save), inserting=False)
        self.change(view.object, old, reader.read(body, key=key, audit=save.actor.admin), save)

    def upsert(
        self, object: str, key: str, value: object, body: object, save: Save, *, update_only: bool = False
    ) -> tuple[str, bool]:
        """Change the record whose `key` field holds `value`, or insert it; its id and whether it is new.

        Raises AmbiguousKey if several records hold the value.
        """
        view = self._writable(object, save)
        field = self.key_field(view, key)
        matches = self.by_key(view, field, value, self._intake(save))
        if matches:
            self.update(object, str(matches[0]["Id"]), body, save, key=field.name)
            return str(matches[0]["Id"]), False
        if update_only or (field.name == "Id" and value is not None):
            raise missing_key(str(value))
        reader = Reader(self._org, view, self._intake(save), inserting=True)
        row = reader.read(body, key=field.name)
        if field.name != "Id":
            row.update(reader.read({field.name: value}))
        return self.insert(view.object, row, save), True

    def delete(self, object: str, id: str, save: Save) -> None:
        """Put a record into the recycle bin, with what hangs on it."""
        view = self._writable(object, save)
        if not view.object.deletable:
            raise refuse("INSUFFICIENT_ACCESS_OR_READONLY", "entity type cannot be deleted", status=self._denied())
        self.live(view.object, id)
        self._remove(view.object, id, save, self._moment(save))

    def undelete(self, object: str, id: str, save: Save) -> None:
        """Bring a record back from the recycle bin, with what was deleted together with it."""
        view = self._writable(object, save)
        row = self._org.tables.get(view.name, id)
        if row is None or not row.get("IsDeleted") or not view.object.undeletable:
            raise refuse("UNDELETE_FAILED", "entity is not in the recycle bin")
        stamps: Row = {} if "delete_keeps_stamp" in self._org.quirks else self._stamps(save, self._moment(save))
        self._restore(view.object, id, stamps)

    def insert(self, object: SObject, values: Row, save: Save, id: str | None = None) -> str:
        """Insert a record whose values have been read already; its id."""
        new_id = id or self._org.tables.next_ids(object.prefix)[0]
        moment = self._moment(save)
        row: Row = {**self._defaults(object, save), **values}
        row.update(self._assigned(object, row, save))
        self._check(object, row, row, save)
        row.update(derive(object.name, row, row))
        row["Id"] = new_id
        row.update({"CreatedDate": moment, "CreatedById": save.actor.user_id, **self._stamps(save, moment)})
        row.update(_audit(values))
        self._org.tables.insert(object.name, row)
        self._automate(object, row, save)
        return new_id

    def change(self, object: SObject, old: Row, changes: Row, save: Save) -> None:
        """Change a record whose new values have been read already."""
        if old.get("IsConverted") and not self._org.settings.get("edit_converted_leads"):
            raise refuse("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
        values = {**changes, **self._assigned(object, {**old, **changes}, save)}
        row = {**old, **values}
        self._check(object, row, values, save)
        self.put(object, old, values, save)
        self._automate(object, row, save)

    def put(self, object: SObject, old: Row, values: Row, save: Save) -> None:
        """Write and stamp without any rule: what merges and conversions do to their records."""
        row = {**old, **values}
        stamps = self._stamps(save, self._moment(save))
        written = {**values, **derive(object.name, row, values), **stamps, **_audit(values)}
        self._org.tables.update(object.name, str(old["Id"]), written)

    def check_rules(self, object: SObject, row: Row) -> None:
        """Raises what the organisation's validation rules say about a record."""
        self._rules.validate(object.name, row)

    def merge_away(self, object: SObject, id: str, master: str, save: Save) -> None:
        """Delete the loser of a merge, remembering its survivor."""
        moment = self._moment(save)
        self._org.tables.update(
            object.name, id, {"IsDeleted": 1, "MasterRecordId": master, **self._stamps(save, moment)}
        )
        self._org.tables.log_deletion(object.name, id, moment)

    def live(self, object: SObject, id: str) -> Row:
        """A record that is there. Raises NOT_FOUND or ENTITY_IS_DELETED."""
        row = self._org.tables.get(object.name, id) if id.startswith(object.prefix) else None
        if row is None:
            raise missing_key(id)
        if row.get("IsDeleted"):
            raise self.deleted()
        return row

    def deleted(self) -> ApiError:
        status = 400 if "deleted_is_400" in self._org.quirks else 404
        return refuse("ENTITY_IS_DELETED", "entity is deleted", status=status)

    def key_field(self, view: View, key: str) -> Field:
        """The field records are addressed by. Raises NOT_FOUND for one that cannot be a key."""
        field = view.find(key)
        if field is None or not field.is_key:
            raise missing_key(key)
        return field

    def by_key(self, view: View, field: Field, value: object, intake: Intake | None = None) -> list[Row]:
        """The live record with this key, or none. Raises AmbiguousKey for several."""
        if field.name == "Id":
            id = ids.widen(value) if isinstance(value, str) else None
            row = self._org.tables.get(view.name, id) if id else None
            if row and row.get("IsDeleted"):
                raise self.deleted()
            return [row] if row else []
        wanted = (intake or Intake(self._org.quirks)).stored(field, value)
        if wanted is None:
            raise refuse("MISSING_ARGUMENT", f"{field.name} not specified")
        rows = self._org.tables.find(view.name, field.name, wanted)
        if len(rows) > 1:
            raise AmbiguousKey(view.name, [str(row["Id"]) for row in rows])
        return rows

    def _writable(self, object: str, save: Save) -> View:
        view = self._org.view(object, save.actor)
        if not view.editable:
            message = "insufficient access rights on object id"
            raise refuse("INSUFFICIENT_ACCESS_OR_READONLY", message, status=self._denied())
        return view

    def _denied(self) -> int:
        return 400 if "denied_is_400" in self._org.quirks else 403

    def _intake(self, save: Save) -> Intake:
        return Intake(self._org.quirks, save.truncate)

    def _moment(self, save: Save) -> str:
        return save.stamp or self._org.now

    def _stamps(self, save: Save, moment: str) -> Row:
        return {"LastModifiedDate": moment, "LastModifiedById": save.actor.user_id, "SystemModstamp": moment}

    def _defaults(self, object: SObject, save: Save) -> Row:
        row: Row = {field.name: field.default_choice for field in object.defaulted_choices}
        if object.has("OwnerId"):
            row["OwnerId"] = save.actor.user_id
        return row

    def _assigned(self, object: SObject, row: Row, save: Save) -> Row:
        if not save.assign or save.actor.admin or object.name not in _ASSIGNED:
            return {}
        rule = next(self._rules.active("assignment", object.name, row), None)
        return {"OwnerId": rule.data["owner"]} if rule else {}

    def _check(self, object: SObject, row: Row, changes: Row, save: Save) -> None:
        id = str(row["Id"]) if row.get("Id") else None
        require(object, row)
        check_references(self._org, object, changes)
        check_unique(self._org, object, changes, id)
        self._rules.validate(object.name, row)
        if id is None or any(
            rule.data["field"] in changes for rule in self._rules.active("duplicate", object.name, row)
        ):
            self._rules.find_duplicates(
                self._org.tables,
                object.name,
                row,
                allow=save.allow_duplicates,
                details=save.show_duplicates,
                path=save.path,
            )

    def _remove(self, object: SObject, id: str, save: Save, moment: str) -> None:
        stamps: Row = {} if "delete_keeps_stamp" in self._org.quirks else self._stamps(save, moment)
        self._org.tables.update(object.name, id, {"IsDeleted": 1, **stamps})
        self._org.tables.log_deletion(object.name, id, moment)
        if object.name == "OpportunityContactRole" and "roles_skip_bin" in self._org.quirks:
            self._org.tables.erase(object.name, id)
        for child, field in CASCADES.get(object.name, ()):
            for row in self._org.tables.find(child, field, id):
                self._remove(self._org.catalogue.named(child), str(row["Id"]), save, moment)

    def _restore(self, object: SObject, id: str, stamps: Row) -> None:
        when = self._org.tables.deleted_at(object.name, id)
        self._org.tables.update(
            object.name,
            id,
            {"IsDeleted": 0, "MasterRecordId": None, **stamps}
            if object.has("MasterRecordId")
            else {"IsDeleted": 0, **stamps},
        )
        self._org.tables.unlog_deletion(object.name, id)
        for child, field in CASCADES.get(object.name, ()):
            for row in self._org.tables.find(child, field, id, deleted=True):
                if row["IsDeleted"] and self._org.tables.deleted_at(child, str(row["Id"])) == when:
                    self._restore(self._org.catalogue.named(child), str(row["Id"]), stamps)

    def _automate(self, object: SObject, row: Row, save: Save) -> None:
        """Let the organisation's automation answer a save of the sync user."""
        if not save.automate or save.actor.admin:
            return
        for rule in list(self._rules.active("automation", object.name, row)):
            after = float(rule.data.get("after", 0))
            action = Action(
                "update",
                object.name,
                str(row["Id"]),
                rule.data["set"],
                rule.data.get("as"),
                stamp_only=bool(rule.data.get("stamp_only")),
            )
            if after:
                self._pending.schedule(action, self._org.clock.now() + after)
            else:
                self.act(action, replace(save, automate=False))

    def act(self, action: Action, save: Save) -> str | None:
        """Do what somebody else than the caller does; the record's id."""
        by = replace(
            save,
            actor=Actor(action.user or save.actor.user_id, admin=True),
            automate=False,
            assign=False,
            allow_duplicates=True,
        )
        if action.stamp_only:
            self._touch(action, by)
        elif action.kind == "create":
            return self.create(action.object, action.values, by, id=action.id)
        elif action.kind == "update":
            self.update(action.object, str(action.id), action.values, by)
        elif action.kind == "delete":
            self.delete(action.object, str(action.id), by)
        else:
            self.undelete(action.object, str(action.id), by)
        return action.id

    def _touch(self, action: Action, save: Save) -> None:
        """An edit by the platform: neither LastModifiedDate nor LastModifiedById tell of it."""
        object = self._org.catalogue.named(action.object)
        row = self.live(object, str(action.id))
        kept = {name: row[name] for name in ("LastModifiedDate", "LastModifiedById")}
        self.change(object, row, {**action.values, **kept}, save)


def _audit(values: Mapping[str, object]) -> Row:
    """System fields that an administrator of the sandbox sets by hand."""
    return {name: value for name, value in values.items() if name in AUDIT and isinstance(value, str)}
