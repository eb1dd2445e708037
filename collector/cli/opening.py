"""Opens files, store and sources for verbs that look and do not touch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from collector.app import App, Files, build, read_files
from collector.cli.asked import Asked
from collector.clock import WallClock
from collector.configuration.settings import Settings
from collector.ports.sources import Sources
from collector.ports.store import Store
from collector.store import engine


@contextmanager
def kept(asked: Asked) -> Iterator[App]:
    """Open files and store for reading; a store that is not there is an error."""
    settings = asked.settings()
    asked.log(settings, ordinary="warning")
    app = build(settings, writes=False)
    try:
        yield app
    finally:
        app.close()


@contextmanager
def written(asked: Asked) -> Iterator[App]:
    """Open files and store to work with them; the store is made when it is not there."""
    settings = asked.settings()
    asked.log(settings, ordinary="warning")
    app = build(settings)
    try:
        yield app
    finally:
        app.close()


def files_of(asked: Asked, at: datetime) -> Files:
    """Read the files alone; a cycle that starts with the first run starts `at`."""
    settings = asked.settings()
    asked.log(settings, ordinary="warning")
    return read_files(settings.config, at.replace(microsecond=0))


@contextmanager
def asking(files: Files) -> Iterator[Sources]:
    """Make the sources of the files; what was opened is closed at the end."""
    sources = files.sources()
    try:
        yield sources
    finally:
        sources.close()


@contextmanager
def perhaps_kept(settings: Settings) -> Iterator[Store | None]:
    """Open the store for reading where there is one; nothing where nothing is kept yet."""
    store = engine.open_if_kept(settings.database.url.get_secret_value())
    try:
        yield store
    finally:
        if store is not None:
            store.close()


def now() -> datetime:
    """Read the clock once, so that everything a verb says is about one instant."""
    return WallClock().now()
