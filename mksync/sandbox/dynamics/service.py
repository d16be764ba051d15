"""The service document and `$metadata`: what there is, and in which shape.

Source: Microsoft Learn, "Web API service documents", "Web API types and operations"; OData 4.0 CSDL.
"""

from xml.sax.saxutils import quoteattr

from mksync.sandbox.dynamics.call import Answer, Call
from mksync.sandbox.dynamics.catalogue import Catalogue
from mksync.sandbox.dynamics.tables import Table
from mksync.sandbox.dynamics.values import edm

_EDMX = "http://docs.oasis-open.org/odata/ns/edmx"
_EDM = "http://docs.oasis-open.org/odata/ns/edm"
_NAME = "Microsoft.Dynamics.CRM"


def document(call: Call, catalogue: Catalogue) -> Answer:
    sets = [{"name": t.set_name, "kind": "EntitySet", "url": t.set_name} for t in catalogue]
    return Answer(200, {"@odata.context": f"{call.root}/$metadata", "value": sets})


def csdl(call: Call, catalogue: Catalogue) -> Answer:
    """The schema as XML; with `?annotations=true` it tells which sets track changes."""
    annotated = "annotations=true" in call.query.lower()
    types = "".join(_type(table, catalogue) for table in catalogue)
    sets = "".join(_set(table, catalogue, annotated) for table in catalogue)
    text = (
        f'<?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="4.0" xmlns:edmx="{_EDMX}"><edmx:DataServices>'
        f'<Schema Namespace="{_NAME}" Alias="mscrm" xmlns="{_EDM}">'
        f'<EntityType Name="crmbaseentity" Abstract="true"/>{types}'
        f'<EntityContainer Name="System">{sets}</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>'
    )
    return Answer(200, text, content_type="application/xml")


def _type(table: Table, catalogue: Catalogue) -> str:
    properties = "".join(
        f"<Property Name={quoteattr(column.property)} Type={quoteattr(edm(column))}/>"
        for column in table.columns.values()
        if column.odata
    )
    ways = {way.navigation: way for way in table.relationships}
    singles = "".join(
        f"<NavigationProperty Name={quoteattr(way.navigation)} Type={quoteattr(_target(table, way.navigation))}/>"
        for way in ways.values()
    )
    backs = "".join(
        f'<NavigationProperty Name={quoteattr(way.collection)} Type="Collection(mscrm.{child.name})"/>'
        for child, way in catalogue.referring(table)
    )
    pairs = "".join(
        f'<NavigationProperty Name={quoteattr(pair.navigation)} Type="Collection(mscrm.{pair.target})"/>'
        for pair in table.many_to_many
    )
    key = f"<Key><PropertyRef Name={quoteattr(table.primary_id)}/></Key>"
    start = f'<EntityType Name={quoteattr(table.name)} BaseType="mscrm.crmbaseentity">'
    return f"{start}{key}{properties}{singles}{backs}{pairs}</EntityType>"


def _target(table: Table, navigation: str) -> str:
    targets = [way.target for way in table.navigations(navigation)]
    return f"mscrm.{targets[0]}" if len(targets) == 1 else "mscrm.principal"


def _set(table: Table, catalogue: Catalogue, annotated: bool) -> str:
    bindings = "".join(
        f'<NavigationPropertyBinding Path="{way.navigation}" Target="{catalogue.named(way.target).set_name}"/>'
        for way in table.relationships
        if way.navigation != "ownerid"
    )
    tracking = (
        '<Annotation Term="Org.OData.Capabilities.V1.ChangeTracking"><Record><PropertyValue Property="Supported" '
        'Bool="true"/></Record></Annotation>'
    )
    more = tracking if annotated and table.change_tracking else ""
    return f'<EntitySet Name="{table.set_name}" EntityType="{_NAME}.{table.name}">{bindings}{more}</EntitySet>'
