"""Measurements: the kernels (``pytest benchmarks/bench_*.py``) and whole jobs beside their peers (``python -m benchmarks``)."""
