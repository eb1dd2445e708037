"""The facts behind the two fingerprints: what is measured, and what is promised. No credential is among them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit

from collector.configuration.documents.scalars import QueryText
from collector.configuration.forms import MeasureInFile
from collector.domain.fingerprint import fingerprint
from collector.domain.measure import Binding, Computed, Events
from collector.domain.okr import MAIN, Guardrail, KeyResult
from collector.domain.promise import Promise
from collector.domain.span import Span
from collector.ports.catalogue import SourceEntry
from connectors.api import Secret


def measure_facts(binding: Binding, sources: Mapping[str, SourceEntry]) -> dict[str, Any]:
    """Give what, when changed, starts a new segment of the series (DESIGN §5).

    Of an expression, that is its own text and whatever its operands are fingerprinted by.
    """
    form = binding.form
    facts: dict[str, Any] = {
        "source": _source(binding, sources),
        "form": type(form).__name__.lower(),
        "texts": list(binding.texts),
        "window": str(binding.window) if isinstance(binding.window, Span) else "cycle",
        "settle": str(binding.settle),
        "matures": str(binding.matures),
        "pick": dict(binding.pick),
        "unit": binding.unit,
    }
    match form:
        case Events(bad=bad):
            facts["counted"] = "bad" if bad else "good"
        case Computed(formula=formula, operands=operands):
            facts["texts"] = [formula.text]
            facts["operands"] = {
                name: fingerprint(measure_facts(operand, sources)) for name, operand in operands.items()
            }
        case _:
            pass
    return facts


def unmeasured_facts(found: MeasureInFile) -> dict[str, Any]:
    """Give what is known of a measure that is not run."""
    measure = found.measure
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


def promise_facts(promise: Promise, guardrails: Sequence[Guardrail]) -> dict[str, Any]:
    """Give what, when changed, changes the promise but not the series (DESIGN §5)."""
    start = getattr(promise.shape, "start", None)
    facts: dict[str, Any] = {
        "shape": type(promise.shape).__name__.lower(),
        "keys": asdict(promise.shape),
        "from": type(start).__name__.lower() if start is not None else None,
        "pace": [type(promise.pace).__name__.lower(), asdict(promise.pace)],
        "by": promise.deadline.isoformat() if promise.deadline else None,
        "judge_over": str(promise.judge_over),
        "commitment": promise.commitment.value,
    }
    if guardrails:
        facts["guardrails"] = {one.id: [one.at_most, one.at_least] for one in guardrails}
    return facts


def series_facts(key_result: KeyResult, sources: Mapping[str, SourceEntry]) -> dict[str, dict[str, Any]]:
    """Give what each series of a key result measures, by its role, its own apart."""
    return {
        role: measure_facts(binding, sources) for role, binding in key_result.bindings.items() if role != MAIN
    }


def record_of(
    key_result: KeyResult,
    measured: Mapping[str, Any],
    promised: Mapping[str, Any],
    series: Mapping[str, Mapping[str, Any]],
) -> str:
    """Write the definition down as canonical JSON, for the record."""
    retired = key_result.retired
    document: dict[str, Any] = {
        "address": key_result.address,
        "title": key_result.title,
        "team": key_result.team,
        "measure": measured,
        "promise": promised,
        "terms": key_result.promise.document(),
        "retired": {"on": retired.on.isoformat(), "why": retired.why} if retired else None,
        "changes": [{"on": edit.on.isoformat(), "why": edit.why} for edit in key_result.changes],
    }
    if series:
        document["series"] = series
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def _source(binding: Binding, sources: Mapping[str, SourceEntry]) -> list[str]:
    if not binding.asked:
        return []
    entry = sources[binding.source]
    return [entry.kind, host_of(getattr(entry.options, "url", None))]


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
