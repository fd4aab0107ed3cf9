"""Test vectors as text: made by this program, compared with what it makes, and read by a decoder that shares nothing
with it."""
