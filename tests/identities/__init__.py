"""Tests of `localstore.identities`."""
