"""Measurements: quality on labelled data, speed of kernels and of whole jobs."""
