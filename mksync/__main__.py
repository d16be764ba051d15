"""Start of the program: `mksync` and `python -m mksync`."""

import gc
import sys

TYPE_CHECKING = False  # `typing` itself takes a fifth of the time of `--version` to load
if TYPE_CHECKING:
    from mksync.ports import Clock

YOUNG = 100_000  # objects. To look for cycles after each 700 takes a tenth of a run; a start alone makes 50,000


def main(argv: list[str] | None = None, clock: "Clock | None" = None) -> None:
    """Answer `--version` before anything heavy is loaded; leave the rest to the command line.

    Both arguments are for programs that start mksync in their own process: see `cli.run`.
    """
    if (sys.argv[1:] if argv is None else argv) == ["--version"]:
        from mksync import __version__

        sys.stdout.write(f"mksync {__version__}\n")
        return
    gc.set_threshold(YOUNG)
    from mksync.cli import run

    try:
        run(argv, clock)
    finally:
        gc.freeze()  # else Python looks for cycles among all modules when it ends: a tenth of the time of `status`


if __name__ == "__main__":
    main()
