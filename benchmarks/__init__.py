"""Measurements: kernels (``pytest benchmarks/bench_*.py``), and whole jobs beside peers (``python -m benchmarks``)."""
