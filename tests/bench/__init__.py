"""Benchmarks: each prints a value, a floor measured in the same run by the barest code, and their ratio."""
