"""Lots: what two post offices would say to each other, in a file on a stick or in a mail. docs/lots.md is the page."""
