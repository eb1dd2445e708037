"""Finds the key results, teams and names that were meant on the command line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from datetime import datetime

from collector.domain.cycle import CycleState
from collector.domain.okr import KeyResult, Okrs
from collector.errors import UsageError

_SUGGESTED = 3
_LISTED = 8


def key_result(okrs: Okrs, wanted: str, at: datetime) -> KeyResult:
    """Find the one that `wanted` names: `cycle:team/key-result`, `team/key-result`, or an end of that which is unique.

    Of equal addresses in several cycles the one whose cycle is active at `at` is meant. Raises `UsageError` that says
    what there is.
    """
    everything = list(okrs.key_results.values())
    for found in (
        [one for one in everything if one.key == wanted],
        [one for one in everything if one.address == wanted],
        [one for one in everything if one.address.endswith(f"/{wanted}")],
        [one for one in everything if one.address.endswith(wanted)],
    ):
        if len(found) > 1:
            found = _of_the_cycle(found, at)  # noqa: PLW2901 - the same list, narrowed
        if len(found) == 1:
            return found[0]
        if found:
            raise UsageError(f"{wanted!r} may be {either(one.key for one in found)}: write more of it")
    raise UsageError(f"there is no key result {wanted!r}{_meant(wanted, everything)}")


def key_results(okrs: Okrs, wanted: Sequence[str], at: datetime) -> list[KeyResult]:
    """Find several, each once, in the order they were named."""
    return list({one.key: one for one in (key_result(okrs, name, at) for name in wanted)}.values())


def known(what: str, wanted: str, names: Iterable[str]) -> str:
    """Give `wanted` when it is one of `names`. Raises `UsageError` with the nearest names otherwise."""
    there = list(names)
    if wanted in there:
        return wanted
    near = difflib.get_close_matches(wanted, there, _SUGGESTED)
    if near:
        raise UsageError(f"there is no {what} {wanted!r}; did you mean {either(near)}?")
    hint = f"; there is {_listed(sorted(there))}" if there else f"; the files name no {what}"
    raise UsageError(f"there is no {what} {wanted!r}{hint}")


def _of_the_cycle(found: list[KeyResult], at: datetime) -> list[KeyResult]:
    """Prefer the cycle that is active, where the addresses are the same."""
    if len({one.address for one in found}) > 1:
        return found
    return [one for one in found if one.cycle.state(at) is CycleState.ACTIVE] or found


def _meant(wanted: str, everything: Sequence[KeyResult]) -> str:
    names = {one.address: one.address for one in everything}
    names |= {one.address.rpartition("/")[2]: one.address for one in everything}
    near = dict.fromkeys(names[name] for name in difflib.get_close_matches(wanted, names, _SUGGESTED))
    if near:
        return f"; did you mean {either(near)}?"
    there = list(dict.fromkeys(one.address for one in everything))
    return f"; there is {_listed(there)}" if there else "; the files hold none"


def _listed(names: Sequence[str]) -> str:
    """Write the first names, and how many there are beside them."""
    more = len(names) - _LISTED
    return f"{', '.join(names[:_LISTED])} and {more} more" if more > 0 else either(names)


def either(names: Iterable[str]) -> str:
    """Write names as alternatives: `a, b or c`."""
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last
