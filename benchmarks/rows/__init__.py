"""The benchmarks, one a file: each measures and gives tables."""
