"""Outlooks of one form side by side, as arrays: a row a key result as known on some day, a column a day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from collector.domain.arrays import Floats
from collector.domain.forecasting.outlook import HISTORY, Form, Launch, Outlook

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cohort:
    """N key results of one form, each as known when its `today` has not begun. Column `HISTORY` is the first day of the cycle."""

    form: Form
    today: Ints
    values: Floats
    """(N, columns): NaN where a day has no reading, or is not known yet."""
    num: Floats
    den: Floats
    inside: Floats
    """(N, columns), all NaN where the form has no such thing."""
    length: Ints
    start: Ints
    window: Ints
    scale: Ints
    target: Floats
    baseline: Floats
    sign: Floats
    """+1 where more is better, -1 where less is."""
    factor: Floats
    ceiling: Floats
    low: Floats
    high: Floats
    within: Floats
    previous: Floats
    planned: Bools
    belief: Floats
    partly: Floats
    aspirational: Bools
    whole: bool
    """Counts: whether they are of whole things."""
    course: Floats
    """(N, HISTORY + longest + 1): share of the way expected before each column; 0 before the pace begins."""
    launches: tuple[tuple[Launch, ...], ...]

    @property
    def rows(self) -> int:
        """N."""
        return len(self.values)

    @property
    def columns(self) -> int:
        """Columns that are known in any row."""
        return int(self.values.shape[1])

    @property
    def known(self) -> Ints:
        """Columns that are known in each row: the first to come has this index."""
        return HISTORY + self.today

    @property
    def end(self) -> Ints:
        """Column after the last day of each promise."""
        return HISTORY + self.length

    @property
    def left(self) -> Ints:
        """Days to come, at least one."""
        return self.length - self.today


def kin(outlook: Outlook) -> tuple[Form, bool, int, int | None]:
    """Tell with which others an outlook is computed: those of its form and length, stays those of its day as well."""
    day = outlook.today if outlook.form is Form.STAY else None
    return outlook.form, outlook.whole, outlook.length, day


def cohort_of(outlooks: Sequence[Outlook]) -> Cohort:
    """Put outlooks side by side. They are of one `kin`, before their close; else `ValueError`."""
    first = outlooks[0]
    if any(one.today >= one.length or kin(one) != kin(first) for one in outlooks):
        raise ValueError("a cohort is of one form and one length, before its close")
    lengths = np.array([one.length for one in outlooks])
    starts = np.array([one.start for one in outlooks])
    return Cohort(
        form=first.form,
        today=np.array([one.today for one in outlooks]),
        values=_table(outlooks, lambda one: one.values),
        num=_table(outlooks, lambda one: one.num),
        den=_table(outlooks, lambda one: one.den),
        inside=_table(outlooks, lambda one: one.inside),
        length=lengths,
        start=starts,
        window=np.array([one.window for one in outlooks]),
        scale=np.array([int(one.scale) for one in outlooks]),
        target=_column([one.target for one in outlooks]),
        baseline=_column([one.baseline for one in outlooks]),
        sign=np.where([one.rising for one in outlooks], 1.0, -1.0),
        factor=_column([one.factor for one in outlooks]),
        ceiling=_column([one.ceiling for one in outlooks]),
        low=_column([one.low for one in outlooks]),
        high=_column([one.high for one in outlooks]),
        within=_column([one.within for one in outlooks]),
        previous=_column([one.previous for one in outlooks]),
        planned=np.array([one.planned for one in outlooks]),
        belief=_column([one.belief for one in outlooks]),
        partly=_column([one.partly for one in outlooks]),
        aspirational=np.array([one.aspirational for one in outlooks]),
        whole=first.whole,
        course=_courses(outlooks, lengths, starts),
        launches=tuple(tuple(one.launches) for one in outlooks),
    )


def _column(values: Sequence[float]) -> Floats:
    return np.array(values, dtype=float)


def _table(outlooks: Sequence[Outlook], of: Callable[[Outlook], Floats]) -> Floats:
    """Lay series by their first days; what lies before `HISTORY` days of history is left out. Raises `ValueError` where a
    series has a day that is still to come.
    """
    table = np.full((len(outlooks), HISTORY + max(one.today for one in outlooks)), np.nan)
    if not any(len(of(one)) for one in outlooks):
        return table
    for row, one in enumerate(outlooks):
        series = of(one)
        if len(series):
            column = HISTORY + one.first
            kept = series[max(-column, 0) :]
            if column + len(series) > HISTORY + one.today:
                raise ValueError(
                    "a series reaches past its last known day: what is to come is not forecast from"
                )
            table[row, max(column, 0) : max(column, 0) + len(kept)] = kept
    return table


def _courses(outlooks: Sequence[Outlook], lengths: Ints, starts: Ints) -> Floats:
    """A linear pace unless the outlook brings its own; past the deadline it stays at the whole way."""
    columns = np.arange(HISTORY + int(lengths.max()) + 1.0) - HISTORY
    steps = np.maximum(lengths - starts, 1)[:, None]
    table: Floats = np.clip((columns[None, :] - starts[:, None]) / steps, 0.0, 1.0)
    for row, one in enumerate(outlooks):
        if len(one.course):
            table[row] = 0.0
            table[row, HISTORY + 1 : HISTORY + 1 + one.length] = one.course[: one.length]
            table[row, HISTORY + 1 + one.length :] = one.course[-1]
    return table
