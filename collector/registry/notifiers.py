"""Opens the notifiers of a configuration."""

from __future__ import annotations

from collections.abc import Mapping

from collector.errors import ConfigRejected
from collector.ports.catalogue import Catalogue, NotifierEntry
from collector.ports.notifier import Notifier


def open_notifiers(entries: Mapping[str, NotifierEntry], catalogue: Catalogue) -> dict[str, Notifier]:
    """Open each notifier by its name; no I/O happens. Raises `ConfigRejected` for a kind that is not there."""
    opened: dict[str, Notifier] = {}
    for name, entry in entries.items():
        kind = catalogue.notifiers.get(entry.kind)
        if kind is None:
            why = catalogue.missing.get(entry.kind, "this version of krd does not know it")
            raise ConfigRejected(f"the notifier {name} is of kind {entry.kind!r}: {why}")
        opened[name] = kind.open(entry.options)
    return opened
