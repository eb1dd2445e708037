"""Keeps the daemon running until a signal, and drains it then; has its files read again when they change, or on SIGHUP."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

import typer

from collector.app import Running, build
from collector.cli.plain import counted
from collector.configuration.settings import Settings
from collector.daemon.memory import settle
from collector.daemon.reload import Reloaded
from collector.daemon.watch_files import LOOK_EVERY

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
ECHO = 1.0
"""Seconds within which a second signal is the first one again: `timeout` and `uv run` signal the process and its group."""


def serve(settings: Settings) -> None:
    """Run until told to stop, then drain. Ends the command with 1 when draining took too long."""
    app = build(settings)
    try:
        running = Running(app)
        with _listening() as orders:
            running.start()
            settle()
            typer.echo(_welcome(running), err=True)
            while not orders.stop:
                _follow(running, orders)
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


@dataclass(slots=True)
class _Orders:
    """What signals said."""

    woken: threading.Event = field(default_factory=threading.Event)
    stop: bool = False
    reload: bool = False


def _follow(running: Running, orders: _Orders) -> None:
    """Wait for a signal or for the time of the next look at the files, and do what is to be done."""
    orders.woken.wait(LOOK_EVERY)
    orders.woken.clear()
    if orders.stop:
        return
    told, orders.reload = orders.reload, False
    outcome = running.reload() if told else running.look_after_files()
    if outcome is Reloaded.DONE:
        settle()


@contextmanager
def _listening() -> Iterator[_Orders]:
    """Give what signals say: SIGHUP to read the files again, others to stop. A second one of these, `ECHO` later or
    more, ends the process there and then.
    """
    orders = _Orders()
    first = 0.0

    def told(number: int, _: FrameType | None) -> None:
        nonlocal first
        if number == signal.SIGHUP:
            orders.reload = True
        elif not orders.stop:
            first = time.monotonic()
            orders.stop = True
        elif time.monotonic() - first > ECHO:
            os._exit(128 + number)
        orders.woken.set()

    before = {number: signal.signal(number, told) for number in (*_SIGNALS, signal.SIGHUP)}
    try:
        yield orders
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _welcome(running: Running) -> str:
    watched = f"krd watches {counted(len(running.app.configuration.okrs.key_results), 'key result')}"
    return f"{watched}: {running.web.url}" if running.web is not None else f"{watched}, without pages"
