"""Benchmarks of logq against the tools people would use instead. See README.md."""
