"""Outlooks of every form, drawn or made by hand, and what a forecast looks like as plain numbers."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import strategies as st

from collector.domain.forecasting.forecast import FEWEST_DAYS
from collector.domain.forecasting.outlook import HISTORY, Form, Launch, Outlook, Scale

KINDS = ("plain", "log", "share", "quotient", "limit", "whole", "amount", "events", "stay")
LEVELS = KINDS[:4]
DAYS = (6, 14, 30, 60, 91, 182, 365)


def _walk(rng, days, *, noise=1.0, drift=0.0):
    """A level that wanders, with noise and weekdays on top, around 0."""
    wander = np.cumsum(rng.normal(0, 0.2, days)) + drift * np.arange(days)
    return noise * (wander + rng.normal(0, 1, days) + rng.normal(0, 0.5, 7)[np.arange(days) % 7])


def _level(rng, days, draw):
    rising = draw(st.booleans())
    way = draw(st.sampled_from([0.5, 3.0, 20.0]))
    toward = (1 if rising else -1) * way * draw(st.sampled_from([0.0, 0.5, 1.0, 1.5])) / 91
    return _walk(rng, days, drift=toward), rising, way if rising else -way


def _plain(rng, days, draw):
    walk, rising, way = _level(rng, days, draw)
    offset = draw(st.sampled_from([-50.0, 0.0, 300.0]))
    return {"values": walk + offset, "baseline": offset, "target": offset + way, "rising": rising}


def _log(rng, days, draw):
    walk, rising, way = _level(rng, days, draw)
    unit = draw(st.sampled_from([0.01, 1.0, 250.0]))
    return {
        "values": unit * np.exp(0.1 * walk),
        "baseline": unit,
        "target": unit * float(np.exp(0.1 * way)),
        "rising": rising,
        "scale": Scale.LOG,
    }


def _share(rng, days, draw):
    walk, rising, way = _level(rng, days, draw)
    factor, middle = draw(st.sampled_from([1.0, 100.0])), draw(st.sampled_from([-2.0, 0.0, 3.0]))

    def share(logit):
        return factor / (1 + np.exp(-logit))

    return {
        "values": share(middle + 0.1 * walk),
        "baseline": float(share(middle)),
        "target": float(share(middle + 0.1 * way)),
        "rising": rising,
        "scale": Scale.LOGIT,
        "factor": factor,
    }


def _quotient(rng, days, draw):
    facts = _share(rng, days, draw)
    den = rng.poisson(draw(st.sampled_from([8, 300])), days) + 1.0
    num = np.round(den * facts["values"] / facts["factor"])
    return {**facts, "values": facts["factor"] * num / den, "num": num, "den": den}


def _counts(rng, days, draw, form, *, whole):
    rate = draw(st.sampled_from([0.05, 1.0, 12.0]))
    values = rng.poisson(rate, days).astype(float)
    if not whole:
        values = values * rng.gamma(2.0, 0.5, days)
    return {
        "form": form,
        "values": values,
        "target": float(np.ceil(91 * rate * draw(st.sampled_from([0.6, 1.0, 1.5])))),
        "previous": draw(st.sampled_from([np.nan, 91 * rate])),
        "whole": whole,
    }


def _events(rng, days, draw):
    den = rng.poisson(draw(st.sampled_from([5, 1000])), days) + 1.0
    allowed = draw(st.sampled_from([0.001, 0.05]))
    bad = rng.binomial(den.astype(int), allowed * draw(st.sampled_from([0.3, 1.0, 3.0]))).astype(float)
    return {"form": Form.EVENTS, "values": bad, "den": den, "target": allowed}


def _stay(rng, days, draw):
    values = 20 + _walk(rng, days)
    scale = draw(st.sampled_from([Scale.PLAIN, Scale.LOG]))
    within = draw(st.sampled_from([0.0, 0.7] if scale is Scale.PLAIN else [0.0, 0.1]))
    low, high = draw(st.sampled_from([(17.0, 23.0), (18.0, np.inf), (-np.inf, 22.0)]))
    inside = ((values >= low) & (values <= high)).astype(float)
    if within:
        inside = np.clip(0.8 * inside + rng.uniform(0, 0.2, days), 0.0, 1.0)
    return {
        "form": Form.STAY, "values": values, "inside": inside, "low": low, "high": high, "within": within,
        "scale": scale,
        "target": float(draw(st.sampled_from([1, 8, 30]))),
    }  # fmt: skip


MAKERS = {
    "plain": _plain,
    "log": _log,
    "share": _share,
    "quotient": _quotient,
    "limit": lambda rng, days, draw: _counts(rng, days, draw, Form.AT_MOST, whole=True),
    "whole": lambda rng, days, draw: _counts(rng, days, draw, Form.AT_LEAST, whole=True),
    "amount": lambda rng, days, draw: _counts(rng, days, draw, Form.AT_LEAST, whole=False),
    "events": _events,
    "stay": _stay,
}
SERIES = ("values", "num", "den", "inside")


def drawn(kind=None, *, readable=False, **changes):
    """Draw a key result of a kind (of any), some way into its cycle; a readable one has enough readings to forecast from."""
    outlooks = _drawn(kind, **changes)
    return outlooks.filter(lambda one: one.readings >= FEWEST_DAYS) if readable else outlooks


@st.composite
def _drawn(draw, kind=None, *, length=None, today=None, gaps=True, **changes):
    kind = kind or draw(st.sampled_from(KINDS))
    length = length or draw(st.sampled_from(DAYS))
    today = draw(st.integers(0, length - 1)) if today is None else today
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    known = HISTORY + today
    made = MAKERS[kind](rng, known, draw)
    missing = rng.uniform(size=known) < (draw(st.sampled_from([0.0, 0.1, 0.6])) if gaps else 0.0)
    for name in SERIES:
        if name in made:
            made[name] = np.where(missing, np.nan, made[name])
    windowed = kind in (*LEVELS, "events")
    facts = {
        "form": Form.LEVEL,
        "today": today,
        "length": length,
        "window": draw(st.sampled_from([1, 7, 28])) if windowed else 1,
        "belief": draw(st.sampled_from([0.0, 0.3, 1.2])),
        "aspirational": draw(st.booleans()),
        "start": draw(st.sampled_from([0, min(10, length - 1)])),
        "launches": draw(_launches(length)) if kind in (*LEVELS, "whole", "amount") else (),
        "course": draw(_courses(length)),
        **made,
        **changes,
    }
    facts["window"] = min(facts["window"], length)
    return Outlook(**facts)


def _launches(length):
    one = st.builds(Launch, st.integers(0, length - 1), st.sampled_from([0.3, 1.0]))
    return st.one_of(st.just(()), st.lists(one, min_size=1, max_size=2).map(tuple))


def _courses(length):
    late = np.clip((np.arange(length) + 1 - length / 2) / (length / 2), 0.0, 1.0)
    return st.sampled_from([np.empty(0), late])


def until(outlook, today):
    """Give the outlook of an earlier day: its series end there."""
    kept = {name: getattr(outlook, name)[: today - outlook.first] for name in SERIES}
    return replace(outlook, today=today, **kept)


def hidden(outlook, days):
    """Give the same key result without the readings of these days."""

    def without(series):
        if not len(series):
            return series
        left = series.copy()
        left[days] = np.nan
        return left

    return replace(outlook, **{name: without(getattr(outlook, name)) for name in SERIES})


def from_day(outlook, days):
    """Give the same key result with so many of its first days not asked for."""
    kept = {name: getattr(outlook, name)[days:] for name in SERIES}
    return replace(outlook, first=outlook.first + days, **kept)


def preceded(outlook, value, *, days):
    """Give the same key result with days before its history."""
    longer = {name: getattr(outlook, name) for name in SERIES if len(getattr(outlook, name))}
    longer = {name: np.concatenate([np.full(days, value), series]) for name, series in longer.items()}
    return replace(outlook, first=outlook.first - days, **longer)


def scaled(outlook, factor):
    """Give the same key result in another unit; what a band is promised in are days."""
    return replace(
        outlook,
        values=outlook.values * factor,
        num=outlook.num * factor,
        target=outlook.target * (1 if outlook.form is Form.STAY else factor),
        baseline=outlook.baseline * factor,
        previous=outlook.previous * factor,
        low=outlook.low * factor,
        high=outlook.high * factor,
        within=outlook.within * (1 if outlook.scale is Scale.LOG else factor),
    )


def shifted(outlook, by):
    """Give the same key result counted from another zero."""
    return replace(
        outlook, values=outlook.values + by, target=outlook.target + by, baseline=outlook.baseline + by
    )


def in_percent(outlook):
    """Give the same share of a whole of 1 as one of 100."""
    return replace(
        outlook,
        values=outlook.values * 100,
        target=outlook.target * 100,
        baseline=outlook.baseline * 100,
        factor=100.0,
    )


def mirrored(outlook):
    """Give the same key result below zero, where less is better."""
    return replace(
        outlook,
        values=-outlook.values,
        target=-outlook.target,
        baseline=-outlook.baseline,
        rising=not outlook.rising,
    )


def figures(one):
    """Give all numbers of a forecast by name, those of its model included."""
    (low, high), (lowest, highest) = one.likely, one.wide
    return {
        "p_hit": one.p_hit, "p_full": one.p_full, "p_most": one.p_most, "landing": one.landing,
        "low": low, "high": high, "lowest": lowest, "highest": highest,
        "crosses": -1 if one.crosses is None else one.crosses, "step": one.step, "drift": one.drift,
        **{f"model {name}": value for name, value in one.model.items()},
    }  # fmt: skip


def same(one, other, *, rel=1e-9, near=1e-9):
    """Tell whether two forecasts agree on every number; two that say nothing agree."""
    if one is None or other is None:
        return one is other
    return figures(one) == pytest.approx(figures(other), rel=rel, abs=near)


def quarter(values, **changes):
    """A level that is to go from 100 to 40 in 91 days, after 28 days of history and as many of the cycle as are given."""
    values = np.asarray(values, dtype=float)
    facts = {
        "form": Form.LEVEL,
        "values": values,
        "today": len(values) - HISTORY,
        "length": 91,
        "target": 40.0,
        "rising": False,
        "baseline": 100.0,
        "window": 7,
    }
    return Outlook(**{**facts, **changes})


def counted(values, **changes):
    """A count of whole things of which 180 are asked in 91 days, after 28 days of history."""
    facts = {
        "form": Form.AT_LEAST,
        "today": len(values) - HISTORY,
        "length": 91,
        "target": 180.0,
        "whole": True,
    }
    return Outlook(**{**facts, "values": np.asarray(values, dtype=float), **changes})


def wobble(days, share=1.0):
    """Noise that repeats itself every week and sums up to nothing."""
    return share * np.array([0.3, -1.0, 0.8, -0.4, 1.1, -1.2, 0.4])[np.arange(days) % 7]


@pytest.fixture(scope="session")
def make():
    """Give the makers by name."""
    return SimpleNamespace(
        outlook=drawn,
        quarter=quarter,
        wobble=wobble,
        counted=counted,
        until=until,
        hidden=hidden,
        from_day=from_day,
        preceded=preceded,
        scaled=scaled,
        shifted=shifted,
        in_percent=in_percent,
        mirrored=mirrored,
        figures=figures,
        same=same,
        history=HISTORY,
    )


@pytest.fixture(scope="session", params=KINDS)
def kind(request):
    """Every form of key result, one after the other."""
    return request.param


@pytest.fixture(scope="session", params=LEVELS)
def level(request):
    """Every form of a level."""
    return request.param
