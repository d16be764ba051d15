"""Start of the program: `mksync` and `python -m mksync`."""

import sys


def main() -> None:
    """Answer `--version` before anything heavy is loaded; leave the rest to the command line."""
    if sys.argv[1:] == ["--version"]:
        from mksync import __version__

        sys.stdout.write(f"mksync {__version__}\n")
        return
    from mksync.cli import run

    run()


if __name__ == "__main__":
    main()
