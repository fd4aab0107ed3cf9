"""The parts of the gateway, one for each thing that the screens ask about."""
