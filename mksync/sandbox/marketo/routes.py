"""Which address is answered by what."""

from mksync.sandbox.marketo.changes import Changes
from mksync.sandbox.marketo.customtypes import CustomTypes
from mksync.sandbox.marketo.external import External
from mksync.sandbox.marketo.feeds import Feeds
from mksync.sandbox.marketo.instance import Instance
from mksync.sandbox.marketo.leads import Leads
from mksync.sandbox.marketo.metadata import Metadata
from mksync.sandbox.marketo.meter import Meter
from mksync.sandbox.marketo.objectroutes import object_routes
from mksync.sandbox.marketo.objects import Objects
from mksync.sandbox.marketo.removal import Removal
from mksync.sandbox.marketo.router import Route, Router
from mksync.sandbox.marketo.sync import SyncLeads


def router(instance: Instance, meter: Meter, leads: Leads, changes: Changes, objects: Objects) -> Router:
    """The addresses of this instance."""
    types = CustomTypes(instance)
    return Router(
        [
            *_lead_routes(
                leads, SyncLeads(instance, leads, changes, objects), Removal(instance, leads, changes, objects)
            ),
            *_field_routes(Metadata(instance)),
            *_activity_routes(Feeds(instance)),
            *_custom_routes(types, External(instance, leads, types)),
            *_statistics_routes(meter),
            *object_routes(objects, instance.quirks),
        ]
    )


def _lead_routes(leads: Leads, sync: SyncLeads, removal: Removal) -> list[Route]:
    return [
        Route("GET", "leads", leads.by_filter),
        Route("POST", "leads", sync.answer),
        Route("DELETE", "leads", removal.delete),
        Route("GET", r"lead/(\d+)", leads.by_id),
        Route("POST", "leads/delete", removal.delete),
        Route("POST", r"leads/(\d+)/merge", removal.merge),
        Route("GET", "leads/partitions", removal.partitions),
        Route("POST", "leads/partitions", removal.move),
    ]


def _field_routes(metadata: Metadata) -> list[Route]:
    return [
        Route("GET", "leads/describe", metadata.describe),
        Route("GET", "leads/describe2", metadata.describe2),
        Route("GET", "leads/schema/fields", metadata.schema),
        Route("POST", "leads/schema/fields", metadata.create),
        Route("GET", r"leads/schema/fields/(\w+)", metadata.field),
        Route("POST", r"leads/schema/fields/(\w+)", metadata.update),
    ]


def _activity_routes(feeds: Feeds) -> list[Route]:
    return [
        Route("GET", "activities/pagingtoken", feeds.paging_token),
        Route("GET", "activities", feeds.activities),
        Route("GET", "activities/leadchanges", feeds.lead_changes),
        Route("GET", "activities/deletedleads", feeds.deleted_leads),
    ]


def _custom_routes(types: CustomTypes, external: External) -> list[Route]:
    one = r"activities/external/type/(\w+)"
    return [
        Route("GET", "activities/types", types.all_types),
        Route("POST", "activities/external", external.add),
        Route("GET", "activities/external/types", types.listing),
        Route("POST", "activities/external/type", types.create),
        Route("POST", one, types.update),
        Route("GET", f"{one}/describe", types.describe),
        Route("POST", f"{one}/attributes/(create|update|delete)", types.attributes),
        Route("POST", f"{one}/approve", types.approve),
        Route("POST", f"{one}/discardDraft", types.discard),
        Route("POST", f"{one}/delete", types.delete),
    ]


def _statistics_routes(meter: Meter) -> list[Route]:
    return [
        Route("GET", "stats/usage", lambda _: {"result": meter.usage(1)}),
        Route("GET", "stats/usage/last7days", lambda _: {"result": meter.usage(7)}),
        Route("GET", "stats/errors", lambda _: {"result": meter.errors(1)}),
        Route("GET", "stats/errors/last7days", lambda _: {"result": meter.errors(7)}),
    ]
