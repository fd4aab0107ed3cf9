"""Live pairing: two practices that see each other for three minutes, compare a few digits, and say yes."""
