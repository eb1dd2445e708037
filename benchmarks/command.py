"""Makes a claim a command: sets up a bare checkout, reads the options, and prints one table or one JSON object.

Standard library only, as is every module of a claim at its top: they are read before the setup has ended.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from collector.bootstrap import SetupFailed, ensure
from collector.errors import KrdError

Figure = float | int | str | bool | Sequence[Any] | Mapping[str, Any]
"""What a key of the JSON object holds."""


class BenchmarkFailed(KrdError):
    """What was to be measured did not do its work, so a figure would be a lie."""


@dataclass(frozen=True, slots=True)
class Options:
    """What every benchmark can be told."""

    small: bool
    """Check the benchmark itself; the figures mean nothing."""
    seed: int
    own: Mapping[str, str] = field(default_factory=dict)
    """What was given for the options that the benchmark alone has, by their names."""


@dataclass(frozen=True, slots=True)
class Own:
    """An option that one benchmark alone has."""

    name: str
    """Without its dashes."""
    value: str
    """What its value is called in the help."""
    help: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    what: str
    measured: str
    against: str = ""
    """The peer or the limit, and the ratio to it."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a benchmark found."""

    figures: Mapping[str, Figure]
    """The JSON object."""
    rows: Sequence[Row]
    notes: Sequence[str] = field(default=())
    """Under which circumstances, a sentence a line."""


def run(
    claim: str | None,
    measure: Callable[[Options], Report],
    groups: Sequence[str] = (),
    own: Sequence[Own] = (),
) -> None:
    """Set up, measure, print. `claim` is the docstring of the benchmark's module, `groups` the dependency groups that it
    needs, `own` its own options. Ends the process with 1 and one sentence when it cannot be measured.
    """
    first, _, rest = (claim or "").partition("\n\n")
    parser = argparse.ArgumentParser(
        description=first, epilog=rest, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--small", action="store_true", help="check the benchmark itself, quickly")
    parser.add_argument("--seed", type=int, default=1, help="seed of everything that is made up (default 1)")
    for option in own:
        parser.add_argument(f"--{option.name}", metavar=option.value, help=option.help)
    given = parser.parse_args()
    theirs = {option.name: value for option in own if (value := vars(given)[option.name]) is not None}
    try:
        ensure(groups)
        report = measure(Options(small=given.small, seed=given.seed, own=theirs))
    except (BenchmarkFailed, SetupFailed) as error:
        sys.exit(f"benchmark: {error}")
    print(json.dumps(dict(report.figures)) if given.json else _table(first, report))


def say(text: str) -> None:
    """Tell on standard error what is being done."""
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


def _table(claim: str, report: Report) -> str:
    widths = [max((len(row.what) for row in report.rows), default=0)]
    widths.append(max((len(row.measured) for row in report.rows), default=0))
    lines = [
        f"{row.what:<{widths[0]}}  {row.measured:>{widths[1]}}  {row.against}".rstrip() for row in report.rows
    ]
    return "\n".join([claim, "", *lines, *(["", *report.notes] if report.notes else [])])
