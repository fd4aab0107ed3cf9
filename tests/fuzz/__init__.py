"""Fuzzers: hostile bytes for every parser that reads something from outside.

`targets` says what is fed and what may come out; `mutation` changes bytes; `python -m tests.fuzz NAME --seconds N` runs
one for long, guided by coverage where atheris is installed; `test_fuzz` runs each for a moment.
"""
