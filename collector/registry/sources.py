"""Opens the sources of a configuration, each once, when first asked for."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from collector.errors import SourceUnavailable
from collector.ports.catalogue import Catalogue, SourceEntry
from collector.ports.sources import OpenSource
from connectors.api import SecretUnavailable


class ConfiguredSources:
    """Open sources by name. Thread-safe."""

    def __init__(self, entries: Mapping[str, SourceEntry], catalogue: Catalogue) -> None:
        self._entries, self._catalogue = entries, catalogue
        self._lock = threading.Lock()
        self._open: dict[str, OpenSource] = {}

    def open(self, name: str) -> OpenSource:
        """Give the open source. Raises `SourceUnavailable` that says what is missing; the next call tries again."""
        with self._lock:
            known = self._open.get(name)
            if known is None:
                known = self._open[name] = self._opened(name)
            return known

    def close(self) -> None:
        """Close everything that was opened. Safe to call twice."""
        with self._lock:
            for source in self._open.values():
                source.connector.close()
            self._open.clear()

    def _opened(self, name: str) -> OpenSource:
        entry = self._entries.get(name)
        if entry is None:
            raise SourceUnavailable(f"there is no source {name!r} in the files")
        kind = self._catalogue.connectors.get(entry.kind)
        if kind is None:
            why = self._catalogue.missing.get(entry.kind, "this version of krd does not know it")
            raise SourceUnavailable(f"the source {name} is of kind {entry.kind!r}: {why}")
        try:
            connector = kind.open(entry.options)
        except SecretUnavailable as error:
            raise SourceUnavailable(f"the source {name} cannot be opened: {error}") from error
        return OpenSource(name, connector, entry.options.timeout, entry.owner)
