"""A CRM's name stands in its own folders and in the registry, and nowhere else: a new one changes no other code."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import mksync
from mksync.vendors import BUILT_IN_CRMS

PACKAGE = Path(mksync.__file__).parent
ITS_OWN = ("vendors", "sandbox")
NAMES = {*BUILT_IN_CRMS, "dataverse", "sfdc"}


def neutral_files() -> list[Path]:
    return [path for path in sorted(PACKAGE.rglob("*.py")) if path.relative_to(PACKAGE).parts[0] not in ITS_OWN]


def words(source: str) -> Iterator[tuple[int, str]]:
    """Every name and text of the code with its line. Comments and docstrings explain, and may name whom they like."""
    tree = ast.parse(source)
    alone = (node.value for node in ast.walk(tree) if isinstance(node, ast.Expr))
    explanations = {id(value) for value in alone if isinstance(value, ast.Constant)}
    for node in ast.walk(tree):
        for text in _words(node):
            if id(node) not in explanations:
                yield getattr(node, "lineno", 0), text


def _words(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    for field in ("id", "attr", "name", "module", "arg", "asname"):
        text = getattr(node, field, None)
        if isinstance(text, str):
            yield text


def named(source: str) -> list[tuple[int, str]]:
    return [(line, text) for line, text in words(source) if any(name in text.lower() for name in NAMES)]


@pytest.mark.parametrize("path", neutral_files(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_other_code_knows_a_crm_by_its_name(path: Path) -> None:
    assert named(path.read_text(encoding="utf-8")) == []


def test_there_is_code_to_look_at() -> None:
    looked_at = {path.relative_to(PACKAGE).parts[0] for path in neutral_files()}
    assert {"core", "engine", "mirror", "cli", "app.py", "config.py"} <= looked_at


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("if system == 'salesforce': pass", True),
        ("print(f'{x} in Salesforce')", True),
        ("from mksync.vendors.salesforce import VENDOR", True),
        ("sandbox.salesforce_url", True),
        ("def salesforce_only(): pass", True),
        ("open(salesforce=1)", True),
        ('"""As Salesforce does it."""', False),
        ("x = 1  # Salesforce", False),
        ("if system == crm: pass", False),
    ],
)
def test_a_name_is_found_wherever_code_uses_it(source: str, found: bool) -> None:
    assert bool(named(source)) is found
