"""The house rules, read from the imports: which part may know which, and which library comes in by which door."""

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import mksync

PACKAGE = Path(mksync.__file__).parent
TESTS = Path(__file__).parent

# What each part may import of the others. A part is a folder or a module of the package; itself is always allowed.
ARROWS: Mapping[str, Mapping[str, str]] = {
    "errors": {},
    "core": {},
    "ports": {"core": "the protocol speaks in the core's types"},
    "wire": {"core": "quotas", "errors": "what a call can end in", "ports": "the clock"},
    "vendors": {
        "core": "records in, canonical values out",
        "errors": "situations with an exit code",
        "ports": "the protocol they meet",
        "wire": "the only way to a vendor's HTTP",
    },
    "mirror": {"core": "what it keeps", "errors": "a mirror that is not to be trusted"},
    "engine": {
        "core": "every decision",
        "mirror": "what was last seen, and the journal",
        "ports": "both sides",
        "errors": "situations with an exit code",
        "selection": "the selected pairs, as types",
    },
    "secrets": {"core": "frozen classes", "errors": "a secret that cannot be had"},
    "config_file": {
        "core": "frozen classes",
        "errors": "a file that cannot be used",
        "secrets": "lines with a secret are not quoted",
    },
    "selection": {"config_file": "tables that know their lines", "core": "directions", "errors": "a bad selection"},
    "config": {
        "config_file": "tables that know their lines",
        "core": "policies, limits and habits",
        "errors": "a bad configuration",
        "ports": "what a vendor is",
        "secrets": "references, resolved late",
        "vendors": "the registry: each vendor checks its own table",
    },
    "checking": {
        "config": "what it says of policies and files",
        "core": "sides, catalogues",
        "engine": "fields as described",
        "errors": "what cannot be meant",
        "selection": "which fields",
    },
    "app": {
        "checking": "what cannot be meant",
        "config": "what to wire",
        "core": "sides",
        "engine": "what a project is",
        "errors": "what is missing",
        "mirror": "opened here",
        "ports": "opened here",
        "selection": "which fields",
    },
    "initialise": {
        "app": "the wiring",
        "core": "checks and sides",
        "engine": "the first reading and linking",
        "errors": "a permission that is missing is a finding",
        "selection": "the proposal, kept for the admin",
    },
    "rebuild": {
        "app": "the wiring",
        "config": "where the mirror is",
        "core": "sides and reports",
        "engine": "the first reading and linking",
        "errors": "another organisation",
        "mirror": "the new one and the old one",
        "ports": "the clock",
        "selection": "which fields",
    },
    "watching": {
        "app": "a cycle, and both sides signed in",
        "config": "read again while it watches",
        "core": "habits, reports",
        "engine": "options, progress and turns of a cycle",
        "errors": "a configuration that is not taken",
        "ports": "the clock",
        "selection": "read for every cycle",
    },
    "config_new": {
        "errors": "a secret that was given itself",
        "secrets": "which keys hold one",
        "vendors": "the CRMs to choose from, and what each has to be asked",
    },
    "cli": {
        "app": "the wiring",
        "config_new": "`mksync init` writes the first mksync.toml",
        "initialise": "`mksync init`",
        "rebuild": "`mksync mirror rebuild`",
        "config": "where the project is",
        "core": "reports to render",
        "engine": "one function a command",
        "errors": "messages and exit codes",
        "mirror": "log and status read it",
        "ports": "the clock",
        "sandbox": "`mksync sandbox` and `mksync demo` start it",
        "watching": "`mksync watch`",
        "selection": "`mksync fields` edits it",
        "wire": "the computer's clock, and nothing else (see below)",
    },
    "sandbox": {},  # an emulator written against the client would prove nothing
    "__main__": {"cli": "the program's start", "ports": "the clock, as a type"},
}

# Libraries, and who may import them.
DOORS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "requests": (("wire",), "one place keeps limits, retries and secrets"),
    "urllib3": (("wire",), "as requests"),
    "http.client": ((), "as requests"),
    "urllib.request": ((), "as requests"),
    "typer": (("cli",), "nothing below prints or exits"),
    "rich": (("cli",), "nothing below prints"),
    "click": ((), "typer carries a copy of its own and does not recognise this one's exceptions"),
    "typer._click": ((), "as click"),
    "sqlite3": (("mirror", "sandbox"), "SQL of the mirror stands in one folder; the sandbox has a state of its own"),
    "sqlite_utils": (("mirror",), "as sqlite3"),
    "tomllib": (("config_file",), "one reader, so that every complaint names file and line"),
    "tomli_w": (("selection", "config_new"), "mksync.toml belongs to its human: only `init` writes one, once"),
    "werkzeug": (("sandbox",), "an extra: the program runs without it"),
    "cryptography": (("sandbox", "vendors"), "an extra: signs the sandbox's and a certificate's sign-in"),
    "keyring": (("secrets",), "an extra: the program runs without it"),
    "jwt": (("vendors",), "an extra: sign-in with a certificate"),
    "msal": (("vendors",), "as jwt"),
    "argparse": ((), "there is one command line"),
}

IMPURE = {"os", "io", "pathlib", "time", "random", "secrets", "socket", "subprocess", "logging", "threading", "sys"}
CLOCK_READINGS = {"now", "utcnow", "today", "time", "monotonic"}


@dataclass(frozen=True)
class Import:
    file: str  # "cli/console.py:12"
    part: str  # "cli"
    module: tuple[str, ...]  # of the importing file, below mksync
    name: str  # what is imported, in full


def imports_in(path: Path, root: Path) -> Iterator[Import]:
    relative = path.relative_to(root)
    module = tuple(part for part in relative.with_suffix("").parts if part != "__init__")
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for name in _names(node):
            line = getattr(node, "lineno", 0)
            yield Import(f"{relative}:{line}", module[0] if module else "", module, name)


def _names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield from (f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names)


@cache
def imports() -> tuple[Import, ...]:
    return tuple(found for path in sorted(PACKAGE.rglob("*.py")) for found in imports_in(path, PACKAGE))


def is_from(name: str, library: str) -> bool:
    return name == library or name.startswith(f"{library}.")


def own(found: Import) -> str | None:
    """The part of mksync that is imported, if it is one: "core"; "" for the package itself."""
    if not is_from(found.name, "mksync"):
        return None
    part = found.name.partition(".")[2].partition(".")[0]
    return part if part in ARROWS else ""


def calls(part: str) -> Iterator[tuple[str, str]]:
    """Every method called in a part, as ("core/x.py:3", "now")."""
    for path in sorted(PACKAGE.rglob("*.py")):
        relative = path.relative_to(PACKAGE)
        if relative.with_suffix("").parts[0] != part:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                yield f"{relative}:{node.lineno}", node.func.attr


def test_every_part_has_its_rule() -> None:
    parts = {found.part for found in imports()} - {""}
    assert parts <= ARROWS.keys()
    assert len(parts) >= 10


@pytest.mark.parametrize("part", ARROWS)
def test_a_part_knows_only_the_parts_it_may(part: str) -> None:
    allowed = {part, "", *ARROWS[part]}
    assert [found for found in imports() if found.part == part and (own(found) or "") not in allowed] == []


@pytest.mark.parametrize("library", DOORS)
def test_a_library_comes_in_by_its_door(library: str) -> None:
    doors, _reason = DOORS[library]
    assert [found for found in imports() if is_from(found.name, library) and found.part not in doors] == []


def test_imports_are_absolute_so_that_they_can_be_read_here() -> None:
    assert [found for found in imports() if found.name.startswith(".")] == []


def test_the_arrows_have_no_circle() -> None:
    left = {part: set(known) for part, known in ARROWS.items()}
    while free := [part for part, known in left.items() if not known & left.keys()]:
        for part in free:
            del left[part]
    assert left == {}


@pytest.mark.parametrize("folder", ["vendors", "sandbox"])
def test_one_vendors_folder_knows_no_other_vendors(folder: str) -> None:
    vendors = {path.name for path in (PACKAGE / folder).iterdir() if path.is_dir() and not path.name.startswith("_")}
    assert vendors >= {"marketo", "salesforce"}
    strangers = [
        found
        for found in imports()
        if found.part == folder and len(found.module) > 1 and found.module[1] in vendors
        for other in vendors - {found.module[1]}
        if is_from(found.name, f"mksync.{folder}.{other}")
    ]
    assert strangers == []


def test_the_vendors_are_known_by_the_registry_only() -> None:
    outside = [found for found in imports() if is_from(found.name, "mksync.vendors") and found.part != "vendors"]
    assert {found.name for found in outside} <= {"mksync.vendors"}


def test_the_command_line_takes_nothing_from_the_wire_but_the_clock() -> None:
    taken = {found.name for found in imports() if found.part == "cli" and is_from(found.name, "mksync.wire")}
    assert taken <= {"mksync.wire.clock.RealClock"}


def test_the_core_is_standard_library_without_input_or_output() -> None:
    foreign = [
        found
        for found in imports()
        if found.part == "core"
        and own(found) is None
        and (found.name.split(".")[0] not in sys.stdlib_module_names or found.name.split(".")[0] in IMPURE)
    ]
    assert foreign == []


def test_the_core_never_reads_a_clock() -> None:
    assert [(where, name) for where, name in calls("core") if name in CLOCK_READINGS] == []


@pytest.mark.parametrize("part", [part for part in ARROWS if part not in ("mirror", "sandbox")])
def test_sql_is_run_in_the_mirror_only(part: str) -> None:
    assert [(where, name) for where, name in calls(part) if name in ("execute", "executemany", "executescript")] == []


def test_the_tests_take_no_click_either() -> None:
    found = [found for path in sorted(TESTS.rglob("*.py")) for found in imports_in(path, TESTS)]
    assert [use for use in found if is_from(use.name, "click") or is_from(use.name, "typer._click")] == []


@pytest.mark.parametrize(
    ("source", "library", "met"),
    [
        ("import requests", "requests", True),
        ("def f():\n    from requests.adapters import HTTPAdapter", "requests", True),
        ("import requests_toolbelt", "requests", False),
        ("from typer import _click", "typer._click", True),
        ("if TYPE_CHECKING:\n    import click.core", "click", True),
    ],
)
def test_an_import_is_seen_wherever_it_stands(source: str, library: str, met: bool, tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(source)
    assert any(is_from(found.name, library) for found in imports_in(path, tmp_path)) is met
