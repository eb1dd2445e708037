"""Keeps the daemon running until a signal, and drains it then."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import typer

from collector.app import Running, build
from collector.cli.plain import counted
from collector.configuration.settings import Settings
from collector.daemon.memory import settle

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
ECHO = 1.0
"""Seconds within which a second signal is the first one again: `timeout` and `uv run` signal the process and its group."""


def serve(settings: Settings) -> None:
    """Run until told to stop, then drain. Ends the command with 1 when draining took too long."""
    app = build(settings)
    try:
        running = Running(app)
        with _told_to_stop() as stopping:
            running.start()
            settle()
            typer.echo(_welcome(running), err=True)
            while not stopping.wait(60):
                pass
            drained = running.stop()
    finally:
        app.close()
    if not drained:
        typer.echo("krd: not everything ended in time; what was stored is whole", err=True)
    if not drained or _held():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0 if drained else 1)  # everything is stored and closed: no source holds up the end


def _held() -> bool:
    """Tell whether a question still in flight would keep the interpreter from ending."""
    return any(
        thread is not threading.main_thread() and not thread.daemon for thread in threading.enumerate()
    )


@contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    """Give an event that the first signal sets; a second one, `ECHO` later or more, ends the process there and then."""
    stopping = threading.Event()
    first = 0.0

    def told(number: int, _: FrameType | None) -> None:
        nonlocal first
        if not stopping.is_set():
            first = time.monotonic()
            stopping.set()
        elif time.monotonic() - first > ECHO:
            os._exit(128 + number)

    before = {number: signal.signal(number, told) for number in _SIGNALS}
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _welcome(running: Running) -> str:
    watched = f"krd watches {counted(len(running.app.configuration.okrs.key_results), 'key result')}"
    return f"{watched}: {running.web.url}" if running.web is not None else f"{watched}, without pages"
