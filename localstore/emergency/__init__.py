"""The emergency export: what a doctor who has never seen this patient must know. Imports neither `sync` nor `tui`."""
