"""A pytest plugin that prints which promises a kind of connector cannot have, and why: "passed" never hides "left out"."""

from __future__ import annotations

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the reasons that the conformance kit collected, one a line."""
    reasons = sorted(
        {
            str(reason)
            for report in terminalreporter.stats.get("passed", [])
            for name, reason in report.user_properties
            if name == "not_applicable"
        }
    )
    if not reasons:
        return
    terminalreporter.section("promises that do not apply")
    for reason in reasons:
        terminalreporter.write_line(reason)
