"""The command line: one file for each family of commands. Its words and exit codes are a stable interface."""
