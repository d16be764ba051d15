"""The calls of a cycle, by what they are for: the columns of the fault matrix."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Never
from urllib.parse import unquote

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

from tests.scenarios.plug import Plug, PlugPulled, plugging
from tests.scenarios.sandbox_world import World

WRITING = frozenset(
    {
        *("create person", "update people", "create object", "update object", "delete role", "update records"),
        *("create record", "convert lead", "keep record's id", "log entry"),  # of commands
        *("create company", "update company", "create opportunity", "update opportunity"),
        *("create role", "update role"),
        *("create custom object", "update custom object"),
    }
)
READ, READ_BACK = "read", "read back"  # right after a write

_KINDS: Mapping[str, Sequence[tuple[str, str]]] = {
    "marketo": (
        ("sign-in", r"POST /identity/"),
        ("describe people", r"GET /rest/v1/leads/describe"),
        ("describe objects", r"GET .*/describe\.json"),
        ("activity log", r"GET /rest/v1/activities"),
        (READ, r"GET .*\?filterType=(id|marketoGUID)&"),
        ("look up", r"GET .*\?filterType="),
        ("create person", r'POST /rest/v1/leads\.json \{"action":"createOrUpdate'),
        ("update people", r"POST /rest/v1/leads\.json "),
        ("delete role", r"POST .*/delete\.json"),
        ("create object", r'POST .*\{"action":"createOrUpdate'),
        ("update object", r'POST .*\{"action":"updateOnly'),
    ),
    "salesforce": (
        ("sign-in", r"POST /services/oauth2/token"),
        ("describe people", r"GET .*/sobjects/(Lead|Contact)/describe"),
        ("describe objects", r"GET .*/describe"),
        ("update records", r'POST .*/composite .*"method":"PATCH"'),
        ("changes", r"POST .*/composite "),
    ),
    "dynamics": (
        ("sign-in", r"POST /sandbox/oauth2/"),
        ("identify", r"GET .*/WhoAmI"),
        ("column security", r"GET .*(fieldsecurityprofileid|IsSecured eq true)"),
        ("permissions", r"GET .*\?\$select=\w+id "),
        ("describe", r"GET .*/(RetrieveMetadataChanges|EntityDefinitions)"),
        ("changes of people", r"GET .*/(leads|contacts)\?"),
        ("changes of objects", r"GET .*/\w+\?"),
        ("update records", r"POST .*/\$batch .*\nPATCH "),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Call:
    """One call of an undisturbed cycle: the nth of its side, and what it is for."""

    side: str
    nth: int
    kind: str

    @property
    def writes(self) -> bool:
        return self.kind in WRITING


def kinds(vendor: str) -> tuple[str, ...]:
    """In the order of the table."""
    names = [kind for kind, _ in _KINDS[vendor]]
    return (*names, READ_BACK) if vendor == "marketo" else tuple(names)


def recorded(here: World) -> tuple[list[Call], int]:
    """The calls of one cycle, and how it ended."""
    made: dict[str, list[str]] = {"marketo": [], "crm": []}

    class Listening(Plug):
        def call(self, adapter: HTTPAdapter, request: PreparedRequest, **options: object) -> Response:
            side = next(name for name, url in here.urls.items() if str(request.url).startswith(url))
            made[side].append(line_of(request, here.urls[side]))
            return super().call(adapter, request, **options)

    with plugging(plug_of(here, Listening)):
        ended = here.command("run-once")
    vendors = {"marketo": "marketo", "crm": here.facts.system}
    return [call for side in made for call in _calls(side, vendors[side], made[side])], ended.code


def plug_of(here: World, make: type[Plug]) -> Plug:
    """A plug that is never pulled."""
    return make(here.urls, here.facts.writes, "", _never)


def _never(step: str) -> Never:
    raise PlugPulled(step)


def _calls(side: str, vendor: str, lines: Sequence[str]) -> Iterator[Call]:
    written = False
    for nth, line in enumerate(lines, 1):
        kind = next((name for name, pattern in _KINDS[vendor] if re.match(pattern, line, re.DOTALL)), None)
        assert kind, f"a call that the table has no column for: {line[:300]}"
        yield Call(side, nth, READ_BACK if written and kind == READ else kind)
        written = kind in WRITING


def line_of(request: PreparedRequest, url: str) -> str:
    body = request.body or b""
    text = body.decode() if isinstance(body, bytes) else str(body)
    return f"{request.method} {unquote(str(request.url).removeprefix(url))} {text}"
