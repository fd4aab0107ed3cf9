"""Tests of backups: making, verifying, rotating and restoring them, and everything that can go wrong meanwhile."""
