"""Tables of codes that the user owns, imported to search and to code with."""
