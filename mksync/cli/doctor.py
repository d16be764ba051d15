"""`mksync doctor`: is everything as it has to be? The checks of `init`, which change nothing."""

from dataclasses import asdict
from typing import Annotated

import typer

from mksync.cli.checks import judge
from mksync.cli.shell import shell_of


def doctor(
    context: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Check sign-ins, permissions, fields and the filter, as init does, and the mirror. Changes nothing.

    Exits as the first fault does: 8 for a permission, 7 for the mirror, 2 for the configuration.
    """
    from mksync.app import open_app
    from mksync.engine.activity_type import activity_log
    from mksync.initialise import checked
    from mksync.mirror.soundness import check as soundness

    shell = shell_of(context)
    config = shell.config()
    with open_app(config, shell.clock, in_turn=True, command="doctor", aside=True, waits=shell.console.say) as app:
        soundness(app.mirror.db, config.mirror)
        checks = list(checked(app, create_key_field=False))
        log = activity_log(app.mirror, app.ports, app.titles, create=False)
    checks += [log] if log else []
    judge(shell.console, checks, "doctor", json=json)
    if json:
        shell.console.json("doctor", {"checks": [asdict(check) for check in checks]})
