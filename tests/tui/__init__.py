"""Tests of the terminal interface, on real practices."""
