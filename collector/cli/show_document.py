"""Everything that is kept of one key result, as one JSON document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from collector.cli.everything import SHOWN_DAYS, Everything, Part
from collector.cli.measure_rows import texts
from collector.domain.days import Day
from collector.domain.measure import Binding, ByHand, Computed
from collector.domain.sample import Restatement, Sample
from collector.ports.store import Annotation, Segment
from collector.services.read_models import status_document


def document_of(everything: Everything) -> Mapping[str, Any]:
    """Give the document of `krd status` with all that is known beside it."""
    standing = everything.standing
    key_result = standing.key_result
    return {
        **status_document(key_result, standing.evaluation, standing.unexplained),
        "place": key_result.place,
        "terms": key_result.promise.document(),
        "measure": _measure(key_result.binding) if key_result.binding is not None else None,
        "parts": [_part(one) for one in everything.parts],
        "waiting_for_load": standing.waiting,
        "baseline_evidence": standing.baseline.document() if standing.baseline else None,
        "newest": _sample(everything.newest) if everything.newest else None,
        "values_by_hand": [_sample(one) for one in everything.entered],
        "days_kept": [_day(day) for day in standing.days[-SHOWN_DAYS:]],
        "gaps": [
            {"slot": gap.slot.isoformat(), "reason": gap.reason.value, "detail": gap.detail}
            for gap in everything.gaps
        ],
        "restatements": [
            _restatement(role, one) for role, found in everything.restatements.items() for one in found
        ],
        "segments": [segment_document(one) for one in everything.segments],
        "decisions": [one.document for one in everything.rulings],
        "annotations": [annotation_document(one) for one in everything.annotations],
        "alerts": [
            {
                "kind": alert.kind.value,
                "state": alert.state.value,
                "episode": alert.episode,
                "since": _instant(alert.since),
            }
            for alert in everything.alerts
        ],
    }


def _measure(binding: Binding) -> dict[str, Any]:
    form = binding.form
    return {
        "source": binding.source or None,
        "by_hand": form.person if isinstance(form, ByHand) else None,
        "expression": form.formula.text if isinstance(form, Computed) else None,
        "texts": list(binding.texts),
        "asks": dict(texts(binding)),
        "every": str(binding.every),
        "matures": str(binding.matures),
        "settle": str(binding.settle),
        "plausible": list(binding.plausible) if binding.plausible else None,
        "pick": dict(binding.pick),
    }


def _part(one: Part) -> dict[str, Any]:
    current = one.current
    return {
        "role": one.role,
        **_measure(one.binding),
        "unit": one.binding.unit,
        "value": current.value,
        "as_of": _instant(current.as_of),
        "held": current.held,
        "failing": current.failing,
        "detail": current.detail,
    }


def _sample(sample: Sample) -> dict[str, Any]:
    return {
        "slot": sample.slot.isoformat(),
        "value": sample.value,
        "num": sample.num,
        "den": sample.den,
        "state": sample.state.value,
        "origin": sample.origin.value,
        "recorded_at": sample.recorded_at.isoformat(),
        "evidence": dict(sample.evidence),
    }


def _day(day: Day) -> dict[str, Any]:
    return {
        "day": day.day,
        "value": day.value,
        "n": day.n,
        "low": day.low,
        "high": day.high,
        "last": day.last,
        "inside": day.inside,
    }


def _restatement(role: str, one: Restatement) -> dict[str, Any]:
    return {
        "role": role,
        "slot": one.now.slot.isoformat(),
        "was": one.was.value,
        "was_recorded_at": one.was.recorded_at.isoformat(),
        "now": one.now.value,
        "at": one.at.isoformat(),
        "why": one.why,
    }


def annotation_document(one: Annotation) -> dict[str, Any]:
    """Give what a person said."""
    return {
        "at": one.at.isoformat(),
        "text": one.text,
        "by": one.author,
        "recorded_at": one.recorded_at.isoformat(),
    }


def segment_document(one: Segment) -> dict[str, Any]:
    """Give a stretch under one measure, with what was last said under it."""
    return {
        "number": one.number,
        "since": _instant(one.began),
        "until": _instant(one.ended),
        "status": one.verdict.status.value if one.verdict else None,
        "score": one.verdict.score if one.verdict else None,
        "sentence": one.verdict.sentence if one.verdict else None,
    }


def _instant(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
