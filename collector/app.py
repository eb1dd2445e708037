"""The only place where parts are put together. Usable in-process: build, start, stop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from collector.clock import Clock, WallClock
from collector.configuration.load import Loaded, load
from collector.configuration.settings import Settings
from collector.daemon.loop import Daemon, Parts
from collector.errors import AlreadyRunning, UsageError
from collector.ports.catalogue import Catalogue, Configuration
from collector.ports.notifier import Notifier
from collector.ports.sources import Sources
from collector.ports.store import Store
from collector.registry.kinds import catalogue
from collector.registry.notifiers import open_notifiers
from collector.registry.sources import ConfiguredSources
from collector.services.would_enrol import changed_definitions
from collector.store import engine
from collector.store.lock import RunLock
from collector.web.server import WebServer


@dataclass(frozen=True, slots=True)
class Files:
    """The files as they were read, with the kinds that were known."""

    loaded: Loaded
    catalogue: Catalogue

    @property
    def configuration(self) -> Configuration:
        """Give the configuration. Raises `ConfigRejected` with every error when there is none."""
        return self.loaded.required()

    def sources(self) -> Sources:
        """Make the sources; each opens when first asked."""
        return ConfiguredSources(self.configuration.sources, self.catalogue)

    def notifiers(self) -> dict[str, Notifier]:
        """Open the notifiers; no I/O happens."""
        return open_notifiers(self.configuration.notifiers, self.catalogue)


def read_files(path: Path | None, at: datetime, first_runs: Mapping[str, datetime] | None = None) -> Files:
    """Read and check everything at `path`; `at` stands for the first run of cycles that had none. Raises `UsageError`
    when there is no krd.yaml.
    """
    kinds = catalogue()
    return Files(load(path, kinds, at=at, first_runs=first_runs or {}), kinds)


def open_store(settings: Settings, *, must_exist: bool = False) -> engine.SqlStore:
    """Open the store that the settings name. Raises `StoreError`."""
    return engine.open(settings.database.url.get_secret_value(), must_exist=must_exist)


@dataclass(slots=True)
class App:
    """Files, store, sources and notifiers, opened together and closed together."""

    settings: Settings
    clock: Clock
    store: Store
    files: Files
    sources: Sources
    notifiers: Mapping[str, Notifier] = field(default_factory=dict)

    @property
    def configuration(self) -> Configuration:
        """What the files say."""
        return self.files.configuration

    def close(self) -> None:
        """Close everything. Safe to call twice."""
        for notifier in self.notifiers.values():
            notifier.close()
        self.sources.close()
        self.store.close()


def build(settings: Settings, clock: Clock | None = None, *, writes: bool = True) -> App:
    """Read the files and open what they name; no source is asked yet.

    With `writes` the store is made when it is not there, and cycles that `starts: first run` get their start stored;
    without, a store that is not there is an error, and nothing is written. Raises `ConfigRejected`, `StoreError`,
    `UsageError`.
    """
    clock = clock or WallClock()
    at = clock.now().replace(microsecond=0)
    store = open_store(settings, must_exist=not writes)
    try:
        with store.read() as tx:
            first_runs = dict(tx.first_runs())
        files = read_files(settings.config, at, first_runs)
        unstored = files.configuration.first_runs - first_runs.keys()
        if writes and unstored:
            with store.write() as tx:
                first_runs |= {cycle: tx.first_run(cycle, at) for cycle in sorted(unstored)}
            files = read_files(settings.config, at, first_runs)
        return App(settings, clock, store, files, files.sources(), files.notifiers())
    except BaseException:
        store.close()
        raise


def ensure_same_promises(app: App) -> None:
    """See that a krd which runs on this store knows the same definitions, so that no two judge by different ones.

    Raises `UsageError` that names what differs.
    """
    lock = RunLock(app.settings.database.url.get_secret_value())
    try:
        lock.acquire()
    except AlreadyRunning:
        changed = changed_definitions(app.store, app.configuration.okrs, app.clock.now())
    else:
        lock.release()
        return
    if changed:
        raise UsageError(
            f"the krd that runs on this store was started with other definitions ({', '.join(changed[:5])}): restart it first"
        )


class Running:
    """A krd that runs: the daemon and its web server, under the lock that keeps a second one out."""

    def __init__(self, app: App) -> None:
        self.app = app
        settings = app.settings
        self._lock = RunLock(settings.database.url.get_secret_value())
        self.daemon = Daemon(
            Parts(
                configuration=app.configuration,
                store=app.store,
                sources=app.sources,
                notifiers=app.notifiers,
                clock=app.clock,
                drain=timedelta(seconds=settings.daemon.drain),
            )
        )
        self.web = (
            WebServer(self.daemon.board, settings.web.host, settings.web.port)
            if settings.web.enabled
            else None
        )

    def start(self) -> None:
        """Take the lock, begin to work, and answer HTTP. What was begun is undone when a later step fails.

        Raises `AlreadyRunning`, `StoreError`, and `UsageError` when the address is taken.
        """
        self._lock.acquire()
        try:
            if self.web is not None:
                self.web.start()
            self.daemon.start()
        except BaseException:
            if self.web is not None:
                self.web.stop()
            self._lock.release()
            raise

    def stop(self) -> bool:
        """Drain and end; tells whether everything ended in time."""
        drained = self.daemon.stop()
        if self.web is not None:
            self.web.stop()
        self._lock.release()
        return drained
