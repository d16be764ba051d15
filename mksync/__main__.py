"""Start of the program: `mksync` and `python -m mksync`."""

import gc
import sys

YOUNG = 20_000  # objects. A page of records is as many; to look for cycles after each 700 takes a tenth of a run


def main() -> None:
    """Answer `--version` before anything heavy is loaded; leave the rest to the command line."""
    if sys.argv[1:] == ["--version"]:
        from mksync import __version__

        sys.stdout.write(f"mksync {__version__}\n")
        return
    gc.set_threshold(YOUNG)
    from mksync.cli import run

    run()


if __name__ == "__main__":
    main()
