"""Commands that answer in JSON if they are asked to: then a failure is an answer in the same envelope too."""

from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

import mksync.cli.failures as failures
from mksync.cli.signals import Interrupted

OPTION = "--json"


class Answering(TyperCommand):
    """For `app.command(…, cls=Answering)`: under `--json`, stdout holds one envelope however the command ends."""

    one_line = False

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: Any = None,  # noqa: ANN401 - Typer does not export its type
        **extra: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """Read the options. A wrong one is told by Typer on stderr; here it gets its envelope."""
        return _read(super().make_context, info_name, args, parent, one_line=self.one_line, **extra)

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401
        """Run the command."""
        return _run(super().invoke, ctx, one_line=self.one_line)


class AnsweringInLines(Answering):
    """The same for a command that answers with one document a line, and then another."""

    one_line = True


class AnsweringGroup(TyperGroup):
    """The same for a command that has commands below it: `typer.Typer(cls=AnsweringGroup)`."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: Any = None,  # noqa: ANN401
        **extra: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """Read the options that stand before the name of a command below."""
        return _read(super().make_context, info_name, args, parent, **extra)

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401
        """Run the command, or the one below."""
        return _run(super().invoke, ctx)


def _read(
    make_context: Callable[..., Any],
    info_name: str | None,
    args: list[str],
    parent: Any,  # noqa: ANN401
    *,
    one_line: bool = False,
    **extra: Any,  # noqa: ANN401
) -> Any:  # noqa: ANN401
    asked = OPTION in args
    try:
        return make_context(info_name, args, parent, **extra)
    except Exception as error:
        # Typer exports neither its usage errors' base class nor, before 0.28, its module.
        message = getattr(error, "format_message", None)
        if asked and message is not None:
            failure = failures.Failure(2, message(), "--help")
            failures.answer(_name(parent, info_name), failure, one_line=one_line)
        raise


def _run(invoke: Callable[[Any], Any], ctx: Any, *, one_line: bool = False) -> Any:  # noqa: ANN401
    if not ctx.params.get("json"):
        return invoke(ctx)
    try:
        return invoke(ctx)
    except (typer.Exit, typer.Abort):
        raise
    except (Exception, Interrupted) as error:  # noqa: BLE001 - as in `run`: every failure is told
        command = ctx.command_path.partition(" ")[2]
        raise typer.Exit(failures.explain(error, command, one_line=one_line)) from None


def _name(parent: Any, name: str | None) -> str:  # noqa: ANN401
    """How the command is called, without the program: "fields list"."""
    return f"{parent.command_path} {name}".partition(" ")[2]
