"""Finds every kind of source and notifier: our own by the name of their file (a module, or a preset kept as data),
strangers by their entry points.

A kind that cannot be used does not stop the others; it is listed with the reason, so that whoever names it in a file is
told what to do. Modules are imported by name, because the collector knows nothing of `connectors` but `connectors.api`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from typing import Generic, TypeVar

from collector.ports.catalogue import Catalogue
from collector.ports.notifier import NotifierKind
from connectors.api import API_VERSION, ConnectorKind

CONNECTORS_GROUP = "krd.connectors"
NOTIFIERS_GROUP = "krd.notifiers"

_EXTRAS = {"psycopg": "postgres", "apprise": "notify", "procrastinate": "worker"}
"""Optional extras of krd, by the module whose absence asks for them."""

_OURS = ("collector", "connectors")

K = TypeVar("K", ConnectorKind, NotifierKind)


def catalogue() -> Catalogue:
    """Import all kinds and list them. Never raises for a kind that fails."""
    connectors = _Shelf("connector", ConnectorKind)
    connectors.take_built_in("connectors")
    connectors.take_presets("connectors.presets")
    connectors.take_strangers(CONNECTORS_GROUP)
    notifiers = _Shelf("notifier", NotifierKind)
    notifiers.take_built_in("collector.notifiers")
    notifiers.take_strangers(NOTIFIERS_GROUP)
    return Catalogue(connectors.kinds, notifiers.kinds, {**connectors.missing, **notifiers.missing})


@dataclass
class _Shelf(Generic[K]):
    """The kinds of one sort found so far, and why others are not among them."""

    sort: str
    form: type[K]
    kinds: dict[str, K] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def take_built_in(self, package: str) -> None:
        """Take `KIND` of every module of `package` that has one."""
        for name in _modules(package):
            try:
                module = importlib.import_module(f"{package}.{name}")
            except ImportError as error:
                self.missing[name] = f"the {self.sort} {name} cannot be loaded: {_to_install(error)}"
                continue
            if hasattr(module, "KIND"):
                self._put(name, module.KIND, "krd")

    def take_presets(self, package: str) -> None:
        """Take the kinds that `package` has as data. A file that cannot be used is listed with what is wrong in it."""
        presets = importlib.import_module(package)
        for name in presets.names():
            try:
                kind = presets.load(name)
            except presets.PresetMistake as error:
                self._refuse(name, "krd", str(error))
                continue
            self._put(name, kind, "krd")

    def take_strangers(self, group: str) -> None:
        """Take what other distributions announce under `group`; ours stay when a name is taken twice."""
        for point in sorted(entry_points(group=group), key=lambda point: (point.name, point.value)):
            by = _publisher(point)
            try:
                kind = point.load()
            except Exception as error:  # noqa: BLE001 - a stranger's module may raise anything; it must not stop krd
                why = (
                    _to_install(error)
                    if isinstance(error, ImportError)
                    else f"it raised {type(error).__name__}"
                )
                self._refuse(
                    point.name, by, f"it cannot be loaded: {why}; tell its publisher, or remove {by}"
                )
                continue
            self._put(point.name, kind, by)

    def _put(self, name: str, kind: object, by: str) -> None:
        if not isinstance(kind, self.form):
            return self._refuse(name, by, f"it is no {self.form.__name__}; its publisher has to correct it")
        version = getattr(kind, "api", API_VERSION)
        if version != API_VERSION:
            return self._refuse(
                name,
                by,
                f"it is written for version {version} of the interface, krd has {API_VERSION}; update {by}",
            )
        if kind.name != name:
            return self._refuse(name, by, f"it calls itself {kind.name}; its publisher has to use one name")
        if name in self.kinds:
            return self._refuse(
                name, by, f"there is one already; remove {by}, or have it choose another name"
            )
        self.kinds[name] = kind
        return None

    def _refuse(self, name: str, by: str, reason: str) -> None:
        # A refused double must not stand under the name of the kind that works.
        key = f"{name} ({by})" if name in self.kinds or name in self.missing else name
        self.missing[key] = f"the {self.sort} {name} of {by} is not used: {reason}"


def _modules(package: str) -> Iterator[str]:
    """Name the plain modules of a package, in alphabetical order; sub-packages hold no kinds."""
    path = importlib.import_module(package).__path__
    return (found.name for found in pkgutil.iter_modules(path) if not found.ispkg)


def _to_install(error: ImportError) -> str:
    """Say what is lacking and how to get it."""
    lacking = (error.name or "").partition(".")[0]
    if not lacking or lacking in _OURS:
        return f"{type(error).__name__}: part of krd is missing; install krd again"
    if extra := _EXTRAS.get(lacking):
        return f"the package {lacking} is not installed; install krd[{extra}]"
    return f"the package {lacking} is not installed or too old; install it beside krd"


def _publisher(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else "an unknown distribution"
