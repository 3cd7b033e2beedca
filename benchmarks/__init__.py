"""Benchmarks: what is measured rather than tested."""
