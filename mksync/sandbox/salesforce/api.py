"""Which handler answers which path below `/services/data/vXX.X`. Paths are matched without regard to case."""

from typing import Any

from mksync.sandbox.salesforce import conditions
from mksync.sandbox.salesforce.bulk.api import Bulk
from mksync.sandbox.salesforce.calls import Answer, Call, not_allowed
from mksync.sandbox.salesforce.columns import column_metadata
from mksync.sandbox.salesforce.composite import Composite
from mksync.sandbox.salesforce.describe import describe, describe_all
from mksync.sandbox.salesforce.errors import AmbiguousKey, ApiError, deny, not_found
from mksync.sandbox.salesforce.org import Org
from mksync.sandbox.salesforce.pending import Pending
from mksync.sandbox.salesforce.replication import Replication
from mksync.sandbox.salesforce.rows import Rows
from mksync.sandbox.salesforce.sobject_collections import Collections
from mksync.sandbox.salesforce.soql.cursors import Queries, Question
from mksync.sandbox.salesforce.usage import Usage
from mksync.sandbox.salesforce.writes import Writer

OLDEST, NEWEST = 31, 67
_SEASONS = ("Winter", "Spring", "Summer")
_RESOURCES = ("sobjects", "query", "queryAll", "composite", "limits", "jobs")


class Api:
    """Answers calls; `answer` never raises for what a client did wrong, and undoes what a failed call had begun."""

    def __init__(self, org: Org, writer: Writer, pending: Pending, usage: Usage) -> None:
        self._org = org
        self._usage = usage
        self._rows = Rows(org, writer)
        self._collections = Collections(org, writer)
        self._composite = Composite(org, self.answer)
        self._queries = Queries(org)
        self.replication = Replication(org, pending)
        self.bulk = Bulk(org, self._queries, self.replication, writer)

    def answer(self, call: Call) -> Answer:
        try:
            with self._org.savepoint():
                return self._dispatch(call)
        except ApiError as error:
            return Answer(error.status, error.body() or None)
        except AmbiguousKey as several:
            return Answer(300, [f"{call.path}{several.object}/{id}" for id in several.ids])
        except conditions.NotModified:
            return Answer(304)

    def _dispatch(self, call: Call) -> Answer:
        check_version(call.version)
        if not call.parts:
            return Answer(200, self._resources(call))
        head, rest = call.parts[0].lower(), call.parts[1:]
        if head == "sobjects":
            return self._sobjects(call, rest)
        if head in ("query", "queryall"):
            return self._query(call, head == "queryall", rest)
        if head == "composite":
            return self._composites(call, rest)
        if head == "limits":
            return self._limits(call, rest)
        if head == "jobs":
            return self.bulk.answer(call, rest)
        raise not_found()

    def _resources(self, call: Call) -> dict[str, str]:
        base = call.path.removesuffix("/sobjects/")
        found = {name: f"{base}/{name}" for name in _RESOURCES}
        return {**found, "identity": f"{call.headers.get('x-base', '')}/id/{self._org.id}/{call.actor.user_id}"}

    def _sobjects(self, call: Call, parts: tuple[str, ...]) -> Answer:
        if not parts:
            self._only_get(call)
            return self._described(call, describe_all(self._org.catalogue, call.path, call.actor.admin))
        object, below = parts[0], parts[1:]
        if not below:
            return self._rows.basic(call, object)
        if len(below) == 2:
            return self._rows.keyed(call, object, below[0], below[1])
        special = {
            "describe": self._describe,
            "updated": self.replication.updated,
            "deleted": self.replication.deleted,
        }.get(below[0].lower())
        if len(below) > 2:
            raise not_found()
        return special(call, object) if special else self._rows.row(call, object, below[0])

    def _describe(self, call: Call, object: str) -> Answer:
        self._only_get(call)
        view = self._org.view(object, call.actor)
        return self._described(call, describe(self._org.catalogue, view, call.path))

    def _described(self, call: Call, body: dict[str, Any]) -> Answer:
        version = conditions.Version(int(self._org.settings.get("metadata_changed")))
        conditions.check(call.method, call.headers, version)
        return Answer(200, body, version.headers())

    def _query(self, call: Call, deleted_too: bool, parts: tuple[str, ...]) -> Answer:
        self._only_get(call)
        question = Question(call.actor, call.version, call.batch(), call.as_text)
        if parts:
            return Answer(200, self._queries.more(parts[0], question))
        text = call.args.get("q")
        if text is None:
            raise deny("MALFORMED_QUERY", "SOQL statement cannot be empty: the parameter q is missing")
        if call.flag("columns"):
            return Answer(200, column_metadata(self._queries.compile(text, question, deleted_too=deleted_too)))
        if deleted_too:
            self.replication.empty_bins()
        return Answer(200, self._queries.run(text, question, deleted_too=deleted_too))

    def _composites(self, call: Call, parts: tuple[str, ...]) -> Answer:
        below = tuple(part.lower() for part in parts)
        if not below:
            return self._composite.composite(call)
        if below == ("batch",):
            return self._composite.batch(call)
        if below == ("graph",):
            return self._composite.graphs(call)
        if below[0] != "sobjects" or len(below) > 3:
            raise not_found()
        if len(below) == 1:
            return self._collections.write(call)
        if len(below) == 2:
            return self._collections.read(call, parts[1])
        return self._collections.upsert(call, parts[1], parts[2])

    def _limits(self, call: Call, parts: tuple[str, ...]) -> Answer:
        self._only_get(call)
        if not parts:
            return Answer(200, {**self._usage.limits(), **self.bulk.limits()})
        if tuple(part.lower() for part in parts) != ("recordcount",):
            raise not_found()
        named = [name.strip() for name in call.args.get("sObjects", "").split(",") if name.strip()]
        wanted = named or [object.name for object in self._org.catalogue]
        views = [view for name in wanted if (view := self._org.catalogue.view(name, call.actor.admin))]
        counts = [{"count": self._org.tables.count(view.name), "name": view.name} for view in views]
        return Answer(200, {"sObjects": counts})

    def _only_get(self, call: Call) -> None:
        if call.method not in ("GET", "HEAD"):
            raise not_allowed(call.method, "GET", "HEAD")


def check_version(version: str) -> None:
    """Raises 410 for a retired version, 404 for one there is not."""
    number = version.removesuffix(".0")
    if not number.isdigit() or not version.endswith(".0") or int(number) > NEWEST:
        raise not_found()
    if int(number) < OLDEST:
        raise deny("UNSUPPORTED_API_VERSION", f"Version {version} is retired", 410)


def versions() -> list[dict[str, str]]:
    """The versions on offer, oldest first."""
    return [
        {"label": _label(number), "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
        for number in range(OLDEST, NEWEST + 1)
    ]


def _label(version: int) -> str:
    """v65 is Winter '26, v66 Spring '26, v67 Summer '26."""
    years, season = divmod(version - 65, 3)
    return f"{_SEASONS[season]} '{26 + years}"
