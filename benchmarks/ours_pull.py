"""mksync's own first pull into an empty mirror, and nothing else: what `init` does before it links anybody.

python benchmarks/ours_pull.py FOLDER AHEAD URL
"""

import sys
from pathlib import Path

from benchmarks.launch import Clock
from mksync import selection
from mksync.app import open_app
from mksync.config import find_config, load_config
from mksync.engine.progress import Silent
from mksync.engine.pull import pull
from mksync.engine.setup import pin


def main() -> None:
    folder, ahead, url = sys.argv[1:]
    config, clock = load_config(find_config(Path(folder))), Clock(float(ahead), url.removeprefix("http://"))
    with open_app(config, clock, create=True) as app:
        pin(app.mirror, app.ports)
        chosen = selection.load(config.selection)
        project = app.project(app.schemas(app.synced(chosen)), chosen)
        pull(project, app.mirror.history.begin("pull", clock.now()), Silent())


if __name__ == "__main__":
    main()
