"""Faults made on purpose: killed processes, lost power, failing and full disks, damaged files. Each is a script."""
