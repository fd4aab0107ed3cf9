"""Tests of `localstore.safety`."""
