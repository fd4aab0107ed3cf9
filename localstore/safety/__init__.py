"""What is dangerous to prescribe or unlikely to be true: small pure functions, each with its source."""
