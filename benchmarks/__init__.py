"""What mksync's claims about speed, memory and API calls rest on: `python -m benchmarks`."""
