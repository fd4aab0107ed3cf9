"""What every test shares: `--long`, and settings of hypothesis that don't depend on how busy the machine is."""

import pytest
from hypothesis import HealthCheck, settings

from tests.namespaces import lan as lan
from tests.namespaces import machines as machines

COUNTS = "counts of a fault"  # under which name a test records them, for the end of the run

# No deadlines: a test that fails because another program was busy says nothing about the code.
settings.register_profile("short", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("long", settings.get_profile("short"), max_examples=5_000)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--long`."""
    parser.addoption("--long", action="store_true", help="run faults, simulation and fuzzers at full length")


def pytest_configure(config: pytest.Config) -> None:
    """Choose the profile of hypothesis, in each worker too."""
    settings.load_profile("long" if config.getoption("--long") else "short")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what is marked `long`, unless it was asked for."""
    if config.getoption("--long"):
        return
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason="runs with --long only"))


@pytest.fixture(scope="session")
def at_full_length(pytestconfig: pytest.Config) -> bool:
    """Whether `--long` was given: a test may then repeat itself as often as docs promise."""
    return bool(pytestconfig.getoption("--long"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the counts, those of tests that failed too."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])]
    lines = [value for report in reports for name, value in report.user_properties if name == COUNTS]
    if lines:
        terminalreporter.section("faults")
        for line in sorted(set(lines)):
            terminalreporter.write_line(line)
