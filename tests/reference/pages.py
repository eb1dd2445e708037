"""The pages of the reference by their file names."""

from __future__ import annotations

from collections.abc import Callable

from tests.reference import commands, errors, files, findings, metrics, notifiers, settings, sources

PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings.page_of_settings,
    "files.md": files.page_of_files,
    "findings.md": findings.page_of_findings,
    "cli.md": commands.page_of_commands,
    "metrics.md": metrics.page_of_metrics,
    "errors.md": errors.page_of_errors,
    "sources.md": sources.page_of_sources,
    "notifiers.md": notifiers.page_of_notifiers,
}


def pages() -> dict[str, str]:
    """Make all pages. Nothing in them depends on the machine, the clock or the environment."""
    return {name: make() for name, make in PAGES.items()}
