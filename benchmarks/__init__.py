"""Measures what krd claims about speed and size: one claim a file, `python3 -m benchmarks.<name> [--json] [--small] [--seed N]`.

Each prints ratios against a peer or a limit, measured in one run. `--small` does the same work on a scale that only
tells whether the benchmark itself is right; its figures mean nothing.
"""
