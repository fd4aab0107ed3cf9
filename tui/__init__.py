"""What a person sees and types: the terminal interface and the command line."""
