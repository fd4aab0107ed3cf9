"""The words on the screen, in French and English (gettext catalogues)."""
