"""Messages of a fresh organisation; Marketo's own solution and its plug-in steps."""

from mksync.sandbox.dynamics.planting import FOUNDED, Planter


def found_messages(planter: Planter) -> None:
    """The messages; with the quirk `native_sync`, Marketo's own solution too, with a step for every message."""
    installed = "native_sync" in planter.org.quirks
    kind = _assembly(planter) if installed else ""
    for message in ("Create", "Update", "Delete", "Assign", "SetState"):
        id = planter.add("sdkmessage", name=message)
        if installed:
            _step(planter, kind, message, id)
    for message in ("CreateMultiple", "UpdateMultiple", "UpsertMultiple"):
        id = planter.add("sdkmessage", name=message)
        for table in planter.org.catalogue:
            if table.bulk:
                planter.add("sdkmessagefilter", sdkmessageid=id, primaryobjecttypecode=table.name)


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
