"""Tests of localstore."""
