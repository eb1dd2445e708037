"""Finds what the store holds of key results, those included that are no longer in the files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from collector.cli import select
from collector.domain.cycle import Cycle
from collector.domain.okr import MAIN, KeyResult, Okrs
from collector.errors import UsageError
from collector.ports.store import Recorded, Store


@dataclass(frozen=True, slots=True)
class Held:
    """A key result of the store, with what the files still say about it."""

    recorded: Recorded
    key_result: KeyResult | None
    """Nothing when the files no longer hold it."""
    cycle: Cycle | None
    """Nothing when the files no longer hold its cycle either."""

    @property
    def key(self) -> str:
        """`cycle:address`."""
        return self.recorded.key

    @property
    def named(self) -> dict[str, Any]:
        """Its address and the id of its cycle."""
        cycle, _, address = self.key.partition(":")
        return {"address": address, "cycle": cycle}

    def measured(self, role: str) -> dict[str, Any]:
        """Give the unit of a series and whether a person enters it, by the files or else by what the store wrote down."""
        if self.key_result is not None and (binding := self.key_result.bindings.get(role)) is not None:
            return {"unit": binding.unit, "by_hand": binding.by_hand}
        document = self.recorded.document
        facts = document.get("measure") if role == MAIN else document.get("series", {}).get(role)
        facts = facts or {}
        return {"unit": facts.get("unit") or "", "by_hand": facts.get("form") == "by_hand"}


def held(store: Store, okrs: Okrs) -> Mapping[str, Held]:
    """Give every key result of the store by its key: those of the files in their order, then the others."""
    with store.read() as tx:
        known = {one.key: one for one in tx.everything()}
    order = {key: None for key in (*okrs.key_results, *known) if key in known}
    return {key: _held(known[key], okrs) for key in order}


def find(okrs: Okrs, known: Mapping[str, Held], wanted: str, at: datetime) -> str:
    """Give the key of what `wanted` names in the files or else in the store. Raises `UsageError` for a name of neither."""
    try:
        return select.key_result(okrs, wanted, at).key
    except UsageError:
        gone = [key for key, one in known.items() if one.key_result is None and _is_meant(key, wanted)]
        if not gone:
            raise
    if len(gone) > 1:
        raise UsageError(f"{wanted!r} may be {select.either(gone)}: write more of it")
    return gone[0]


def _is_meant(key: str, wanted: str) -> bool:
    """Tell whether a whole part of a key is named: what was removed is found by no piece of a word."""
    address = key.partition(":")[2]
    return wanted in (key, address, address.rpartition("/")[2])


def _held(recorded: Recorded, okrs: Okrs) -> Held:
    key_result = okrs.key_results.get(recorded.key)
    if key_result is not None:
        return Held(recorded, key_result, key_result.cycle)
    team, cycle = recorded.document.get("team"), recorded.key.partition(":")[0]
    same = [calendar.cycle for (_, name), calendar in okrs.calendars.items() if name == cycle]
    own = okrs.calendars.get((str(team), cycle))
    return Held(recorded, None, own.cycle if own is not None else next(iter(same), None))


def chosen(okrs: Okrs, known: Mapping[str, Held], names: Sequence[str], at: datetime) -> list[Held]:
    """Give those that are named, each once and in that order; without a name, all. One that krd has not run with yet is
    not among them.
    """
    keys = dict.fromkeys(find(okrs, known, name, at) for name in names) if names else known
    return [known[key] for key in keys if key in known]
