"""The keys of a record: recovery words, their shares, their sheet."""
