"""The facts behind the two fingerprints: what is measured, and what is promised. No credential is among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from collector.configuration.bindings import MeasureInFile
from collector.configuration.documents.okrs import KeyResult
from collector.configuration.documents.scalars import QueryText
from collector.domain.measure import Binding
from collector.domain.pace import Linear
from collector.domain.shape import Shape
from collector.domain.span import Span
from collector.ports.catalogue import SourceEntry
from connectors.api import Secret


def measure_facts(
    found: MeasureInFile, binding: Binding | None, sources: Mapping[str, SourceEntry]
) -> dict[str, Any]:
    """Give what, when changed, starts a new segment of the series (DESIGN §5)."""
    measure = found.measure
    if binding is None:
        written = {key: getattr(measure, key) for key in sorted(found.form)}
        texts = {
            key: value.text or value.file if isinstance(value, QueryText) else value
            for key, value in written.items()
        }
        return {
            "source": measure.source,
            "texts": texts,
            "pick": measure.pick or {},
            "unit": measure.unit or "",
        }
    entry = sources[binding.source]
    return {
        "source": [entry.kind, host_of(getattr(entry.options, "url", None))],
        "form": type(binding.form).__name__.lower(),
        "texts": list(binding.texts),
        "window": str(binding.window) if isinstance(binding.window, Span) else "cycle",
        "settle": str(binding.settle),
        "matures": str(binding.matures),
        "pick": dict(binding.pick),
        "unit": binding.unit,
    }


def promise_facts(
    written: KeyResult, shape: Shape, judge_over: Span, deadline: datetime | None
) -> dict[str, Any]:
    """Give what, when changed, changes the promise but not the series (DESIGN §5)."""
    pace = written.pace or Linear()
    start = getattr(shape, "start", None)
    return {
        "shape": type(shape).__name__.lower(),
        "keys": asdict(shape),
        "from": type(start).__name__.lower() if start is not None else None,
        "pace": [type(pace).__name__.lower(), asdict(pace)],
        "by": deadline.isoformat() if deadline else None,
        "judge_over": str(judge_over),
        "commitment": written.commitment.value,
    }


def host_of(url: object) -> str:
    """Give the part of an address that says where it is, without user, password and parameters; of a reference, its
    place.
    """
    if isinstance(url, Secret):
        return str(url)
    parts = urlsplit(str(url or ""))
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        port = ""
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"
