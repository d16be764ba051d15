"""Why a figure falls short of its aim: printed beside it whenever it does. A reason that no longer holds goes."""

from collections.abc import Mapping

REASONS: Mapping[str, str] = {
    "changed salesforce": (
        "Updates go 24 a call, not 200: only there each can be guarded against an edit made meanwhile"
        " ([docs/calls.md](calls.md))"
    ),
    "changed dynamics": (
        "Batches of updates begin with 100 records where no earlier run of the day has sent a full one in good time"
        " ([docs/calls.md](calls.md))"
    ),
    "pull": (
        "The program's own start, and the fields described; values are made canonical, those that are matched are"
        " indexed, and every page is on disk, with its cursor, before the next one is begun"
    ),
    "pull dlt": "As above: at this size mksync's start and its looks at fields are a large part",
    "pull dlt late": "Most of the time is the calls' own, which nobody can shorten: the floor is not 5 × faster either",
    "first cycle": (
        "`init` rehearses the whole cycle to show what it would do; every write is noted before and after it is sent,"
        " guarded, and read back, and every pair of records gets the values both sides were seen to hold"
    ),
    "first cycle limited": (
        "The log of new people is read before them, as no call lists people and their ids have gaps; before a person is"
        " created Marketo is asked for the address, and what was written is read back"
    ),
    "memory": "Held are the answers under way: of fewer people than fill them, fewer; `init` is the larger process",
    "idle trips": (
        "The program's start: Typer, the engine, the mirror's modules and both clients are loaded; the cycle itself is"
        " a tenth of the time"
    ),
    "idle large": (
        "SQLite takes as many steps as among few (`tests/engine/test_idle.py` counts them), and so does `status`: what"
        " differs is how the machine reads a file of gigabytes"
    ),
    "changed": (
        "Every write is noted before and after it is sent, guarded, and read back; every entry of Marketo's log is"
        " kept for an hour, to find edits that a write has replaced; with few changes the program's start is most of it"
    ),
    "changed large": "Not explained yet: a cycle among many should cost as one among few",
    "push": "The program's start is not all of the time that passes between its calls",
    "start status": (
        "Typer takes half of the time; the rest goes into mksync.toml, read and checked, and the modules of the mirror"
    ),
    "start log": "As `status`",
}
