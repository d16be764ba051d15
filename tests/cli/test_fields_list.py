"""`mksync fields list`: what is offered of each CRM, and why the rest is not."""

from tests.cli.desk import agrees_with_golden
from tests.scenarios.sandbox_world import World


def test_the_list_shows_what_syncs_what_could_and_every_custom_field(still: World) -> None:
    ended = still.command("fields", "list")
    assert (ended.code, ended.err) == (0, "")
    assert agrees_with_golden("fields_list", ended.out, still.facts)


def test_all_shows_the_rest_with_the_reason(still: World) -> None:
    ended = still.command("fields", "list", "--object", "lead", "--all")
    assert ended.code == 0
    assert agrees_with_golden("fields_list_all", ended.out, still.facts)
