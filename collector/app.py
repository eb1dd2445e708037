"""The only place where parts are put together. Usable in-process: build, start, stop."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from collector.clock import Clock, WallClock
from collector.configuration.load import Loaded, load
from collector.configuration.read import find_main
from collector.configuration.settings import Settings
from collector.daemon.loop import Daemon, Parts
from collector.daemon.reload import Again, Reloaded, changes_between
from collector.daemon.succession import Succession
from collector.daemon.watch_files import FileWatch, Prints, prints_of, prints_of_texts
from collector.errors import AlreadyRunning, ConfigRejected, StoreError, UsageError
from collector.logs import get_logger
from collector.ports.catalogue import Catalogue, Configuration
from collector.ports.notifier import Notifier
from collector.ports.sources import Sources
from collector.ports.store import Store
from collector.registry.kinds import catalogue
from collector.registry.notifiers import open_notifiers
from collector.registry.sources import ConfiguredSources
from collector.services.tell_of_krd import Rejection, accepted, rejected, reloaded
from collector.services.would_enrol import changed_definitions
from collector.store import engine
from collector.store.lock import RunLock
from collector.web.server import WebServer

log = get_logger(__name__)

_EMPTIED = (
    "{folder}: there are no key results any more, as if the folder were not mounted; krd goes on with those it has."
    " To end them all, stop krd"
)


@dataclass(frozen=True, slots=True)
class Files:
    """The files as they were read, with the kinds that were known."""

    loaded: Loaded
    catalogue: Catalogue
    prints: Prints
    """What they held at most: what was changed since is not known yet."""

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
    kinds, before = catalogue(), prints_of(find_main(path))
    loaded = load(path, kinds, at=at, first_runs=first_runs or {})
    return Files(loaded, kinds, {**prints_of_texts(loaded.queries), **before})


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
        close_all(self.sources, self.notifiers)
        self.store.close()


def close_all(sources: Sources, notifiers: Mapping[str, Notifier]) -> None:
    """Close what files name. Safe to call twice."""
    for notifier in notifiers.values():
        notifier.close()
    sources.close()


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
        files = _read(settings, store, at, writes=writes)
        return App(settings, clock, store, files, files.sources(), files.notifiers())
    except BaseException:
        store.close()
        raise


def _read(settings: Settings, store: Store, at: datetime, *, writes: bool) -> Files:
    """Read the files with the first starts that are stored; with `writes`, those of cycles that have none are."""
    with store.read() as tx:
        first_runs = dict(tx.first_runs())
    files = read_files(settings.config, at, first_runs)
    unstored = files.loaded.configuration.first_runs - first_runs.keys() if files.loaded.configuration else ()
    if writes and unstored:
        with store.write() as tx:
            first_runs |= {cycle: tx.first_run(cycle, at) for cycle in sorted(unstored)}
        files = read_files(settings.config, at, first_runs)
    return files


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
            f"the krd that runs on this store has other definitions ({', '.join(changed[:5])}): it follows its files within"
            " seconds; where its log says config_rejected, correct them; where it reads other files, stop it first"
        )


class Running:
    """A krd that runs: one daemon after the other, and one web server, under the lock that keeps a second krd out."""

    def __init__(self, app: App) -> None:
        self.app = app
        settings = app.settings
        self._lock = RunLock(settings.database.url.get_secret_value())
        self._line = Succession(self._parts(app.files, app.sources, app.notifiers))
        self._files = FileWatch(app.files.loaded.files[0], app.files.loaded.files, app.files.prints)
        self._again = Again()
        self._told = ""
        self._turn = threading.Lock()
        self.web = (
            WebServer(self._line.board, settings.web.host, settings.web.port)
            if settings.web.enabled
            else None
        )

    @property
    def daemon(self) -> Daemon:
        """The one that runs; a reload puts another in its place."""
        return self._line.daemon

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
        with self._turn:
            drained = self._line.stop()
            if self.web is not None:
                self.web.stop()
            self._lock.release()
        return drained

    def look_after_files(self) -> Reloaded:
        """Reload when the files have changed and come to rest, or when an earlier reload is to be tried again.

        To be called every `LOOK_EVERY`.
        """
        changed = self._files.changed()
        return self.reload() if changed or self._again.due() else Reloaded.UNCHANGED

    def reload(self) -> Reloaded:
        """Read the files, and go on with what they say now when that can run; else with what they said before."""
        with self._turn:
            self._files.know()
            try:
                outcome = self._reload(self.app.clock.now())
            except StoreError as error:
                outcome = self._again.postpone(error)
            except Exception as error:
                # a defect of ours must not end what runs
                log.exception("reload_failed", error=repr(error))
                outcome = Reloaded.FAILED
            self._again.after(outcome, fallen=self._line.fallen)
        return outcome

    def _reload(self, at: datetime) -> Reloaded:
        self._line.stand_up()
        if trouble := self.daemon.board.vitals().store_trouble:
            raise StoreError(trouble)
        try:
            files = _read(self.app.settings, self.app.store, at.replace(microsecond=0), writes=True)
        except UsageError as error:
            return self._reject((str(error),), at)
        self._files.follow({*files.loaded.files, *self.app.files.loaded.files}, files.prints)
        if files.loaded.configuration is None or files.loaded.errors:
            return self._reject(tuple(map(str, files.loaded.errors)), at)
        if not files.configuration.okrs.key_results and self.app.configuration.okrs.key_results:
            return self._reject((_EMPTIED.format(folder=self._files.main.parent / "okrs"),), at)
        changes = changes_between(self.app.configuration, files.configuration)
        if not changes:
            return self._go_on(at)
        try:
            notifiers = files.notifiers()
        except ConfigRejected as error:
            return self._reject((str(error),), at)
        return self._swap(files, notifiers, changes, at)

    def _reject(self, errors: tuple[str, ...], at: datetime) -> Reloaded:
        rejection = Rejection(str(self._files.main), errors)
        log.error("config_rejected", first=errors[0], count=len(errors))
        self._line.tally.files_read(at, accepted=False)
        if self._told != rejection.digest:
            self._told = rejection.digest
            self.daemon.teller.tell(rejected(rejection))
        return Reloaded.REJECTED

    def _go_on(self, at: datetime) -> Reloaded:
        log.info("config_unchanged")
        self._line.tally.files_read(at, accepted=True)
        self._told = ""
        self.daemon.teller.tell(accepted)
        return Reloaded.UNCHANGED

    def _swap(
        self, files: Files, notifiers: Mapping[str, Notifier], changes: list[str], at: datetime
    ) -> Reloaded:
        """Go on with other files. Nothing is closed before it is known who goes on."""
        app, sources = self.app, files.sources()
        outcome = self._line.put(self._parts(files, sources, notifiers))
        self._line.tally.files_read(at, accepted=outcome is Reloaded.DONE)
        if outcome is not Reloaded.DONE:
            close_all(sources, notifiers)
            return outcome
        close_all(app.sources, app.notifiers)
        app.files, app.sources, app.notifiers = files, sources, notifiers
        self._told = ""
        self.daemon.teller.tell(reloaded(str(self._files.main), changes))
        log.info("config_reloaded", changes=len(changes), changed=changes[:10])
        return Reloaded.DONE

    def _parts(self, files: Files, sources: Sources, notifiers: Mapping[str, Notifier]) -> Parts:
        return Parts(
            configuration=files.configuration,
            store=self.app.store,
            sources=sources,
            notifiers=notifiers,
            clock=self.app.clock,
            drain=timedelta(seconds=self.app.settings.daemon.drain),
        )
