"""How much of a report a command asks for."""

ALL_ROWS = 100_000  # what --json carries: enough for any cycle that a person would look at
ROWS_READ = 400  # rows a report carries to be shown: kinds of changes beyond that are counted only
