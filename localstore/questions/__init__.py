"""Questions to the whole practice, and their answers as tables."""
