"""How a record is called in front of people: "Ana Ruiz <ana.ruiz@example.com>"."""

from collections.abc import Mapping

from mksync.core.records import Side, Value
from mksync.engine.project import Project

# What names a record, as Marketo calls the fields.
PEOPLE = ("firstName", "lastName", "email")
NAMED_BY: Mapping[str, tuple[str, ...]] = {
    "person": PEOPLE, "salesperson": PEOPLE, "company": ("company",), "role": ("role",),
}  # fmt: skip
NAME = ("name",)  # of opportunities and custom objects


def label(project: Project, object: str, side: Side, values: Mapping[str, Value]) -> str:
    """Name and e-mail as far as they are selected; empty if neither is."""
    parts = NAMED_BY.get(project.counterpart(object), NAME)
    pairs = project.by_name[object]
    by_name = {part: values.get(pairs[part].fields[side].name) for part in parts if part in pairs}
    name = " ".join(str(by_name[part]) for part in parts if part != "email" and by_name.get(part))
    email = by_name.get("email")
    return f"{name} <{email}>" if name and email else name or str(email or "")
