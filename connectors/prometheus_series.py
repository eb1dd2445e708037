"""Finds the one series that a question means among all that a text gives, and says what there is when it cannot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from connectors.api import ErrorKind, Failure, NoData, number

SHOWN = 3
"""Series that a message names as examples."""


class Series:
    """All series of one text. Looking one up by its labels does not walk them all for each question."""

    def __init__(self, every: Sequence[Any] = ()) -> None:
        self._every = every
        self._by_names: dict[tuple[str, ...], dict[tuple[str, ...], list[Any]]] = {}

    def choose(self, pick: Mapping[str, str]) -> Any | NoData | Failure:
        """The one series that has the labels of `pick`, or that is alone."""
        found = self._having(pick) if pick else self._every
        match len(found):
            case 1:
                return found[0]
            case 0 if self._every:
                return NoData(f"no series has {labels_of(pick)}; there are {examples(self._every)}")
            case 0:
                return NoData("no series: nothing recorded there, or older than the look-back of Prometheus")
            case several:
                return Failure(
                    ErrorKind.BAD_VALUE,
                    f"{several} series where one is due: {examples(found)}; "
                    "single one out with `pick`, or aggregate in the query",
                )

    def stamp_for(self, labels: Mapping[str, str]) -> datetime | None:
        """Read these series as what `timestamp()` gave, which keeps all labels but the name."""
        wanted = {name: value for name, value in labels.items() if name != "__name__"}
        found = [one for one in self._having(wanted) if one["metric"] == wanted]
        return datetime.fromtimestamp(float(found[0]["value"][1]), UTC) if len(found) == 1 else None

    def _having(self, pick: Mapping[str, str]) -> Sequence[Any]:
        names = tuple(sorted(pick))
        if names not in self._by_names:
            index: dict[tuple[str, ...], list[Any]] = {}
            for one in self._every:
                index.setdefault(tuple(one["metric"].get(name, "") for name in names), []).append(one)
            self._by_names[names] = index
        return self._by_names[names].get(tuple(pick[name] for name in names), ())


def matches(labels: Mapping[str, str], pick: Mapping[str, str]) -> bool:
    """Whether a series has the labels of `pick`; a label that is not there is an empty one, as in Prometheus."""
    return all(labels.get(name, "") == value for name, value in pick.items())


def value_of(sample: Mapping[str, Any]) -> float | NoData | Failure:
    """The number of a sample as it came; native histograms are none."""
    if "value" not in sample:
        return Failure(
            ErrorKind.BAD_VALUE, "a native histogram where a number is due: wrap it in histogram_quantile(…)"
        )
    return number(sample["value"][1])


def labels_of(labels: Mapping[str, str]) -> str:
    """Labels as PromQL writes them."""
    name = labels.get("__name__", "")
    inner = ", ".join(f'{key}="{value}"' for key, value in sorted(labels.items()) if key != "__name__")
    return f"{name}{{{inner}}}" if inner or not name else name


def examples(every: Iterable[Any]) -> str:
    """The label sets of the first few series, shortened."""
    shown = [labels_of(one["metric"])[:120] for one in islice(every, SHOWN + 1)]
    return ", ".join(shown[:SHOWN]) + (", …" if len(shown) > SHOWN else "")
