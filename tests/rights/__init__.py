"""Tests of `localstore.rights`."""
