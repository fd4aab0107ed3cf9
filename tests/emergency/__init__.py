"""Tests of the emergency export."""
