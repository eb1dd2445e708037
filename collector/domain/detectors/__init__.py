"""What a series tells beside its drift: each rule alone, pure, over one value a day, with its measured figures.

The figures of the docstrings are those of `python3 -m benchmarks.detectors`.
"""
