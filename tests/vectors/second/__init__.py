"""A second reader of all that travels, written from docs/formats.md and docs/protocol.md. It imports nothing of the
program: what it cannot read, somebody else could not read either."""
