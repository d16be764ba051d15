"""`mksync log retry`: what was refused is marked, and tried again by the next cycle."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict

import mksync.cli.leftovers as leftovers
from mksync.cli.console import Console
from mksync.cli.questions import Answer, bare, opened
from mksync.config import Config
from mksync.core.records import Sides
from mksync.core.report import Rejected
from mksync.engine.refusals import try_again
from mksync.engine.story import stories
from mksync.errors import ConfigError
from mksync.mirror import Mirror
from mksync.mirror.lock import InTurn, Waits

SHOWN = 20


def retry(config: Config, who: Sequence[str], waits: Waits) -> Answer:
    """Mark what was refused to these people, or to everybody if nobody is named; between two batches of a run.

    Raises ConfigError for somebody whom the mirror does not know, MirrorError.
    """
    with opened(config) as log, InTurn(config.mirror, "log retry", waits=waits):
        ids = [id for one in who for id in _ids(log.mirror, one)]
        found = try_again(log.mirror, ids)
        titles = log.titles
    data = {"retry": [asdict(row) for row in found]}
    return Answer(data, lambda console: _show(console, found, titles))


def _ids(mirror: Mirror, who: str) -> Iterator[str]:
    found = stories(mirror, bare(who))
    if not found:
        raise ConfigError(f"nobody in the mirror is called {who}", hint="give an e-mail, a Marketo id or a CRM id")
    for story in found:
        yield from (id for id in (story.person_id, story.record_id) if id)


def _show(console: Console, found: Sequence[Rejected], titles: Sides[str]) -> None:
    if not found:
        console.data("nothing is rejected here: there is nothing to try again")
        return
    writes = "1 rejected write" if len(found) == 1 else f"{len(found):,} rejected writes"
    console.data(f"the next cycle tries {writes} again: mksync run-once")
    for row in found[:SHOWN]:
        console.data(leftovers.tried(row, titles))
    if len(found) > SHOWN:
        console.data(f"  … {len(found) - SHOWN:,} more: mksync log --rejected")
