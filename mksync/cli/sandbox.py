"""`mksync sandbox`: the emulators of Marketo and the CRMs on loopback ports, to rehearse on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mksync.cli.shell import shell_of
from mksync.cli.signals import Interrupted
from mksync.errors import ConfigError

if TYPE_CHECKING:
    from mksync.sandbox.faults import Fault
    from mksync.sandbox.server import Sandbox

app = typer.Typer(help="Emulators of the vendors, to rehearse on.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Emulators of Marketo and the CRMs on ports of this machine, to rehearse on."""


@app.command()
def start(
    context: typer.Context,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Marketo's port; each CRM gets one of the next. 0: any.")
    ] = 8700,
    people: Annotated[
        int, typer.Option("--people", "--leads", min=0, help="Demo people in a state that has none yet.")
    ] = 100,
    seed: Annotated[int, typer.Option(help="Another number, other demo people.")] = 1,
    state: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep everything in this file.  [default: in memory]")
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME:VENDOR[:PATH]", help="The next call whose path matches the expression meets it."),
    ] = None,
    latency: Annotated[
        float, typer.Option(min=0, max=60_000, metavar="MS", help="Every call takes so many milliseconds longer.")
    ] = 0,
    no_rate_limits: Annotated[
        bool, typer.Option("--no-rate-limits", help="Any number of calls in any time, for measurements.")
    ] = False,
) -> None:
    """Serve all vendors until Ctrl-C. Prints one line when it is ready: ready marketo=URL, and so on for each CRM."""
    with _extra():
        faults = [_fault(text) for text in fault or ()]
    sandbox = started(port, people, seed, state, latency=latency, rate_limits=not no_rate_limits)
    for scripted in faults:
        sandbox.faults.script(scripted)
    # A signal that comes as soon as the line is out is the end it was started for, and no failure.
    with sandbox, suppress(Interrupted):
        served = " ".join(f"{vendor}={url}" for vendor, url in sandbox.urls.items())
        shell_of(context).console.data(f"ready {served}")
        threading.Event().wait()


def started(
    port: int, people: int, seed: int, state: Path | None, *, latency: float = 0, rate_limits: bool = True
) -> "Sandbox":
    """A running sandbox. Raises ConfigError if its extra is not installed, or a port is taken."""
    with _extra():
        from mksync.sandbox.server import VENDORS, Sandbox

        try:
            return Sandbox.start(
                port=port, people=people, seed=seed, state=state, latency=latency, rate_limits=rate_limits
            )
        except (OSError, OverflowError) as error:
            ports = f"{port} to {port + len(VENDORS) - 1}"
            text = f"the sandbox cannot serve on the ports {ports}: {getattr(error, 'strerror', None) or error}"
            raise ConfigError(text, hint="name another one: mksync sandbox start --port 8800") from None


@contextmanager
def _extra() -> Iterator[None]:
    """Only a package of the extra may be missing; a module of our own that is missing is a bug."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "mksync":
            raise
        text = f"the sandbox needs the package {error.name}"
        raise ConfigError(text, hint="pip install 'mksync[sandbox]'") from None


def _fault(text: str) -> "Fault":
    """Read NAME:VENDOR[:PATH]. Raises ConfigError."""
    from mksync.sandbox.faults import Fault
    from mksync.sandbox.server import VENDORS

    name, _, rest = text.partition(":")
    vendor, _, path = rest.partition(":")
    if vendor not in VENDORS:
        raise ConfigError(f"--fault {text}: the vendor is one of {', '.join(VENDORS)}", hint="write NAME:VENDOR[:PATH]")
    try:
        return Fault(name, vendor, path or ".*")
    except ValueError as error:
        raise ConfigError(f"--fault {text}: {error}") from None
