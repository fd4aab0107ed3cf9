"""A seeded generator of synthetic French patients, for the demo, the tests and the benchmarks. No real person."""
