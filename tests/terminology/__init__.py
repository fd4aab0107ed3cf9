"""Tests of `localstore.terminology`."""
