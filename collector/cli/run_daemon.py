"""`krd run`: the daemon with its pages, until it is told to stop."""

from __future__ import annotations

import typer

from collector.cli.asked import Asked
from collector.cli.verb import STORE, verb

EXAMPLES = (
    "krd run                        # ./krd.yaml or ./config, store ./krd.db, pages on 127.0.0.1:8080",
    "krd run -c /etc/krd --database sqlite:////var/lib/krd/krd.db",
    "KRD_WEB__LISTEN=0.0.0.0:80 KRD_LOG__FORMAT=json krd run",
)


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    verb(app, "run", "Measure, judge and tell, until stopped.", EXAMPLES, STORE)(run)


def run(asked: Asked) -> None:
    """Read every source on schedule, judge, alert, brief, and serve the pages, until SIGTERM or Ctrl-C.

    The first signal drains: what is being read is still recorded. A second one ends at once. One store is served by one
    `krd run`; every other verb may be used beside it.
    """
    from collector.cli.running import serve

    settings = asked.settings()
    asked.log(settings)
    serve(settings)
