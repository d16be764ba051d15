"""The addresses of all objects beside the lead."""

from collections.abc import Callable

from mksync.sandbox.marketo.call import Call
from mksync.sandbox.marketo.envelope import Failure, Payload
from mksync.sandbox.marketo.family import Family
from mksync.sandbox.marketo.metadata import schema_item, schema_page
from mksync.sandbox.marketo.objectcatalogue import COMPANY, OPPORTUNITY, ROLE, SALES_PERSON
from mksync.sandbox.marketo.objects import Objects
from mksync.sandbox.marketo.router import Answer, Route

_ADDRESSES = {
    "companies": COMPANY,
    "opportunities": OPPORTUNITY,
    "opportunities/roles": ROLE,
    "salespersons": SALES_PERSON,
}
_WITH_SCHEMA = ("companies", "opportunities")


def object_routes(objects: Objects, quirks: frozenset[str]) -> list[Route]:
    standard = [route for address, object in _ADDRESSES.items() for route in _standard(objects, address, object)]
    fields = [route for address in _WITH_SCHEMA for route in _fields(objects, address, _ADDRESSES[address])]
    # An instance may lack custom objects, or only the API that makes their types (guide, Error Codes, 1026 and 616).
    if "no_custom_objects" in quirks:
        lacking = Failure("1026", "Custom object not enabled")
        return [*standard, *fields, *_refused(r"customobjects(?:/.*)?", lacking)]
    schema = _schema(objects)
    if "no_custom_schema" in quirks:
        schema = _refused(r"customobjects/schema(?:/.*)?", Failure("616", "Invalid subscription type"))
    return [*standard, *fields, *schema, *_custom(objects)]


def _standard(objects: Objects, address: str, object: str) -> list[Route]:
    def guarded(answer: Callable[[Call], Payload], *, writes: bool) -> Answer:
        def answered(call: Call) -> Payload:
            objects.guard(object, writes=writes)
            return answer(call)

        return answered

    def family() -> Family:
        return objects.family(object)

    return [
        Route("GET", f"{address}/describe", guarded(lambda _: objects.describe(object), writes=False)),
        Route("GET", address, guarded(lambda call: objects.query(call, family()), writes=False)),
        Route("POST", address, guarded(lambda call: objects.sync(call, family()), writes=True)),
        Route("POST", f"{address}/delete", guarded(lambda call: objects.delete(call, family()), writes=True)),
    ]


def _fields(objects: Objects, address: str, object: str) -> list[Route]:
    def page(call: Call) -> Payload:
        return schema_page(call, objects.family(object).type.fields)

    def one(_: Call, name: str) -> Payload:
        field = objects.family(object).type.known().get(name)
        if field is None:
            raise Failure("1006", f"Field '{name}' not found")
        return {"result": [schema_item(field)]}

    return [
        Route("GET", f"{address}/schema/fields", page),
        Route("GET", rf"{address}/schema/fields/(\w+)", one),
    ]


def _custom(objects: Objects) -> list[Route]:
    one = r"customobjects/((?!schema\b)\w+)"

    def of(name: str) -> Family:
        return objects.custom.records(name)

    return [
        Route("GET", "customobjects", lambda call: objects.custom.listing(call)),
        Route("GET", f"{one}/describe", lambda _, name: {"result": [of(name).type.described()]}),
        Route("GET", one, lambda call, name: objects.query(call, of(name))),
        Route("POST", one, lambda call, name: objects.sync(call, of(name))),
        Route("POST", f"{one}/delete", lambda call, name: objects.delete(call, of(name))),
    ]


def _schema(objects: Objects) -> list[Route]:
    schema = objects.schema
    one = r"customobjects/schema/(\w+)"
    return [
        Route("GET", "customobjects/schema", schema.listing),
        Route("POST", "customobjects/schema", schema.sync),
        Route("GET", "customobjects/schema/fieldDataTypes", schema.data_types),
        Route("GET", "customobjects/schema/linkableObjects", schema.linkable_objects),
        Route("GET", f"{one}/describe", schema.describe),
        Route("GET", f"{one}/dependentAssets", schema.dependent_assets),
        Route("POST", f"{one}/addField", schema.add_fields),
        Route("POST", f"{one}/deleteField", schema.delete_fields),
        Route("POST", rf"{one}/(\w+)/updateField", schema.update_field),
        Route("POST", f"{one}/approve", schema.approve),
        Route("POST", f"{one}/discardDraft", schema.discard),
        Route("POST", f"{one}/delete", schema.delete),
    ]


def _refused(address: str, failure: Failure) -> list[Route]:
    def refuse(*_: object) -> Payload:
        raise Failure(failure.code, failure.message)

    return [Route(method, address, refuse) for method in ("GET", "POST")]
