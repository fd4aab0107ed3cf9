"""The checks of the house itself: style, sizes, walls, and what is shipped."""
