"""A reader of a port's change feed, who may be killed between two pages."""

from collections.abc import Mapping, Sequence

from mksync.core.records import Gone, Page, Record
from mksync.ports import Port


class FeedReader:
    """What a reader of the feed knows: the newest record by id, and what is gone."""

    def __init__(self, selection: Mapping[str, Sequence[str]]) -> None:
        self.selection = selection
        self.cursor: str | None = None
        self.records: dict[str, Record] = {}
        self.gone: dict[str, Gone] = {}

    def pulls(self, port: Port, at_most: int | None = None) -> list[Page]:
        """Folds pages in, each together with its cursor; `at_most`: killed after so many."""
        pages: list[Page] = []
        for page in port.changes(self.selection, self.cursor):
            self.fold(page)
            pages.append(page)
            if len(pages) == at_most:
                break
        return pages

    def fold(self, page: Page) -> None:
        for record in page.records:
            self.records[record.id] = record
            self.gone.pop(record.id, None)
        for gone in page.gone:
            self.records.pop(gone.id, None)
            self.gone[gone.id] = gone
        self.cursor = page.cursor

    def ids(self, object: str) -> list[str]:
        return sorted(record.id for record in self.records.values() if record.object == object)
