"""Messages of a fresh organisation; Marketo's own solution and its plug-in steps."""

from mksync.sandbox.dynamics.org import Org
from mksync.sandbox.dynamics.planting import FOUNDED, Planter
from mksync.sandbox.dynamics.rows import Row
from mksync.sandbox.dynamics.tables import Table

BULK = ("CreateMultiple", "UpdateMultiple", "UpsertMultiple")


def found_messages(planter: Planter) -> None:
    """The messages; with the quirk `native_sync`, Marketo's own solution too, with a step for every message."""
    installed = "native_sync" in planter.org.quirks
    kind = _assembly(planter) if installed else ""
    for message in ("Create", "Update", "Delete", "Assign", "SetState"):
        id = planter.add("sdkmessage", name=message)
        if installed:
            _step(planter, kind, message, id)
    for message in BULK:
        planter.add("sdkmessage", name=message)
    for table in planter.org.catalogue:
        list_messages(planter.org, table)


def list_messages(org: Org, table: Table) -> None:
    """Bring the filters that tell which bulk messages a table takes up to date with its definition."""
    messages, filters = (org.catalogue.named(name) for name in ("sdkmessage", "sdkmessagefilter"))
    for name in BULK:
        (message,) = org.rows.find(messages, {"name": name})
        row: Row = {"sdkmessageid": message["sdkmessageid"], "primaryobjecttypecode": table.name}
        known = org.rows.find(filters, row)
        if table.bulk and not known:
            fresh: Row = {"sdkmessagefilterid": org.rows.next_ids(filters)[0], "versionnumber": org.rows.next_version()}
            org.rows.insert("sdkmessagefilter", {**row, **fresh})
        for one in known if not table.bulk else ():
            org.rows.delete(filters, str(one["sdkmessagefilterid"]), org.clock.now())


def _assembly(planter: Planter) -> str:
    """Marketo's solution and its plug-ins; the id of the plug-in type."""
    publisher = planter.add(
        "publisher",
        uniquename="contoso",
        friendlyname="Contoso",
        customizationprefix="new",
        customizationoptionvalueprefix=10_000,
    )
    planter.add(
        "solution",
        uniquename="MarketoSync",
        friendlyname="Marketo Sync",
        version="4.0.0.14",
        ismanaged=1,
        isvisible=1,
        installedon=FOUNDED,
        publisherid=publisher,
    )
    assembly = planter.add("pluginassembly", name="Marketo.Sync.Plugins", version="4.0.0.14", ismanaged=1)
    return planter.add(
        "plugintype",
        name="Marketo.Sync.Plugins.Track",
        typename="Marketo.Sync.Plugins.Track",
        friendlyname="Track",
        pluginassemblyid=assembly,
    )


def _step(planter: Planter, kind: str, name: str, message: str) -> None:
    for table in ("lead", "contact", "account"):
        filter = planter.add("sdkmessagefilter", sdkmessageid=message, primaryobjecttypecode=table)
        planter.add(
            "sdkmessageprocessingstep",
            name=f"Marketo.Sync.Plugins.Track: {name} of {table}",
            stage=40,
            mode=1,
            rank=1,
            statecode=0,
            statuscode=1,
            plugintypeid=kind,
            sdkmessageid=message,
            sdkmessagefilterid=filter,
        )
