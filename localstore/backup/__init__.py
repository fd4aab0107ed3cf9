"""Backups: encrypted snapshots of a practice, verified by opening; their rotation, restoring one, and the drill."""
