"""Tests of `localstore.agenda`."""
