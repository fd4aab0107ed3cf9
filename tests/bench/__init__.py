"""Benchmarks: each prints a value, a floor measured in the same run by the barest code for that job, and their ratio."""
