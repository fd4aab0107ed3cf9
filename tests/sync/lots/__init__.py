"""Lots: what two post offices would say to each other, carried as a file."""
