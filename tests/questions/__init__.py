"""Tests of `localstore.questions`."""
