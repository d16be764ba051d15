"""Why a figure falls short of its aim: printed beside it whenever it does. A reason that no longer holds goes."""

from collections.abc import Mapping

REASONS: Mapping[str, str] = {
    "first cycle": (
        "Each side is read twice (`init` links, the first cycle goes on from there), every write is noted before and"
        " after it is sent, guarded, and read back, and every field of every pair gets a base"
    ),
    "push": "The program's own start is measured on loopback, where the two systems' calls do not wait for each other",
    "start status": "It reads and checks all of mksync.toml, and loads the mirror's modules with all their types",
    "start log": "As `status`",
}
