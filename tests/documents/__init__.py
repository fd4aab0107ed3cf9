"""Tests of `localstore.documents`."""
