"""The benchmarks run and give their rows; how quick anything is, is no test."""
