"""Benchmarks of the sync, run by `make bench`; see docs/performance.md."""
