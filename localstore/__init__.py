"""What this practice knows: the encrypted record, its keys, its history, the emergency export.

This package never imports `sync` or `tui`. Import the modules by name; nothing is re-exported here.
"""
