"""Writes the block of a key result from its sentence: what `krd new` prints."""

from __future__ import annotations

import json

from collector.configuration.sentence import Understood, understand

_COMMITMENT = (
    "  commitment: committed        # committed succeeds at the whole way, aspirational at 70 % of it"
)
_COUNT = (
    "    every: 1h",
    "    window: cycle              # a total counts from the cycle's start (:since) to now (:until)",
    '    query: "SELECT count(*) FROM … WHERE at >= :since AND at < :until"',
)
_LEVEL = ("    query: \"…\"                 # one number; `krd try SOURCE 'QUERY'` shows what it gives",)
_EVENTS = (
    '    bad: "…"                   # a selector of the events that failed (or `good` for those that did not)',
    '    total: "…"                 # a selector of all events',
)


def key_result_from(sentence: str) -> str:
    """Give a key result as YAML, to be put under `key_results:`; `…` stands where only its author knows.

    Raises `UsageError` that says what was understood when the sentence's shape cannot be told.
    """
    found = understand(sentence)
    lines = [
        f"- id: {found.id}",
        f"  title: {json.dumps(found.title, ensure_ascii=False)}",
        _COMMITMENT,
        "  measure:",
        "    source: prod               # a source of krd.yaml",
        *([f"    unit: {json.dumps(found.unit, ensure_ascii=False)}"] if found.unit else []),
        *_query(found),
        *_promise(found),
    ]
    return "\n".join(lines) + "\n"


def _query(found: Understood) -> tuple[str, ...]:
    match found.shape:
        case "total":
            return _COUNT
        case "slo":
            return _EVENTS
        case _:
            return _LEVEL


def _promise(found: Understood) -> list[str]:
    match found.shape:
        case "reach":
            return [f"  from: {found.start}", f"  to: {found.target}"]
        case "change":
            return [
                "  from: measured               # the median of the 7 days before the cycle",
                f"  change: {found.target}",
            ]
        case "total":
            return [f"  total: {{{_bounds(found)}}}"]
        case "slo":
            return [f"  slo: {found.target}"]
        case _:
            share = found.share or "99"
            why = (
                ""
                if found.share
                else "   # percent of the readings that must hold; the sentence does not say"
            )
            return [f"  keep: {{{_bounds(found)}, share: {share}}}{why}"]


def _bounds(found: Understood) -> str:
    bounds = {"at_least": found.at_least, "at_most": found.at_most}
    return ", ".join(f"{key}: {value}" for key, value in bounds.items() if value is not None)
