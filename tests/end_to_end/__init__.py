"""The whole way, by the command line alone: what another program would do."""
