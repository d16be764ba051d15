"""Who is left after several merges: a record that went into another, which went into a third."""

from collections.abc import Mapping, Sequence

from mksync.core.records import Gone, Ref


def survivors_named(gone: Sequence[Gone]) -> list[Gone]:
    """The same, each loser pointing to its last survivor: of A into B and B into C both end in C."""
    into = {one.id: one.into for one in gone if one.reason == "merged"}
    return [_to_the_end(one, into) for one in gone]


def _to_the_end(one: Gone, into: Mapping[str, Ref | None]) -> Gone:
    if one.reason != "merged":
        return one
    target, seen = one.into, {one.id}
    while target is not None and target.id not in seen and into.get(target.id):
        seen.add(target.id)
        target = into[target.id]
    return Gone(one.object, one.id, one.reason, target)
