"""What travels: signed documents, when they are believed, and the envelopes around them. Pure."""
