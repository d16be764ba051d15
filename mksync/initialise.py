"""First set-up of a project: check both sides, make what is missing and allowed, choose fields, link what matches."""

from collections.abc import Iterator
from dataclasses import replace

from mksync import selection
from mksync.app import App
from mksync.core.records import Check, Field, FieldType, Side
from mksync.core.report import SetupReport
from mksync.engine import fields as engine_fields
from mksync.engine.filter_column import finding
from mksync.engine.progress import Progress
from mksync.engine.project import PERSON
from mksync.engine.setup import pin, set_up
from mksync.errors import AccessError, MksyncError

KEY_LENGTH = 255  # what Marketo gives to a string field; a Salesforce id has 18 characters, a GUID 36


def checked(app: App, *, create_key_field: bool) -> Iterator[Check]:
    """Everything that has to be true of both sides. The cross-id field is made if that is allowed.

    Raises MirrorError before it makes anything in an instance that the mirror does not belong to.
    """
    sound = True
    for side in Side:
        for check in app.ports[side].checks():
            lacking = create_key_field and not check.passed and app.config.key_field in check.name
            yield _make_key_field(app, check) if lacking and key_field_is_missing(app) else check
            sound = sound and (check.passed or side is Side.MARKETO)
    for object in app.config.policies if sound else ():
        yield from _filter(app, object)


def _filter(app: App, object: str) -> Iterator[Check]:
    """The column that the object's records are filtered by; nothing, if they are not."""
    catalogue, wish = app.config.vendor(Side.CRM).catalogue[object], app.config.filters.get(object)
    if wish is False or not (wish or catalogue.filter):
        return
    name = f"{app.titles.crm} filter of {object}s"
    try:
        field = app.filter(object, app.ports.crm.describe(object))
    except MksyncError as error:
        yield Check(name, False, error.message, error.hint, error.exit_code)
        return
    yield Check(name, True, *finding(object, field))


def key_field_is_missing(app: App) -> bool:
    """Whether Marketo has no field of this name. One that is there, but cannot be used, is not to be made again."""
    return app.config.key_field not in app.ports.marketo.describe(PERSON).fields


def _make_key_field(app: App, check: Check) -> Check:
    if app.mirror.project.get("marketo_organisation") is not None:
        pin(app.mirror, app.ports)
    name = app.config.key_field
    field = Field(name, "CRM record id (mksync)", FieldType.TEXT, "string", KEY_LENGTH, custom=True)
    try:
        app.ports.marketo.create_field(PERSON, field)
    except AccessError as error:
        return replace(check, finding=error.message, remedy=error.hint, exit_code=error.exit_code)
    if key_field_is_missing(app):
        return check
    return Check(check.name, True, "was created; it will hold the CRM's record id")


def initialise(app: App, rows: int, progress: Progress) -> SetupReport:
    """Pin both organisations, propose the field selection if there is none yet, and link what matches.

    Changes no record in either system. Raises MirrorError if the mirror belongs to other organisations.
    """
    identities = pin(app.mirror, app.ports)
    if not app.config.selection.exists():
        people = app.synced(selection.Selection({}))
        selection.save(
            app.config.selection, engine_fields.propose(app.schemas(people, max_age=0), app.catalogue, people)
        )
    chosen = selection.load(app.config.selection)
    project = app.project(app.schemas(app.synced(chosen)), chosen)
    return set_up(project, identities, rows, progress)
