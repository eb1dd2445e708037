"""What is promised, apart from how it is measured: kept with every revision, so that an earlier promise can be judged again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, assert_never

from collector.domain.pace import Late, Linear, Pace, Points, WorkingDays
from collector.domain.shape import (
    Change,
    Commitment,
    From,
    Keep,
    LastCycle,
    Measured,
    Reach,
    Shape,
    Slo,
    Total,
    Typed,
)
from collector.domain.span import Span, parse_span


@dataclass(frozen=True, slots=True)
class Promise:
    """The terms on which a key result is judged (DESIGN §5, "Two fingerprints")."""

    shape: Shape
    pace: Pace
    deadline: datetime | None
    judge_over: Span
    commitment: Commitment

    def document(self) -> dict[str, Any]:
        """Give it as a JSON document."""
        return {
            "shape": _shape(self.shape),
            "pace": _pace(self.pace),
            "deadline": self.deadline.isoformat() if self.deadline else None,
            "judge_over": str(self.judge_over),
            "commitment": self.commitment.value,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Promise:
        """Make it from what `document` gave. Raises `KeyError` or `ValueError` when that is damaged."""
        deadline = document["deadline"]
        return cls(
            shape=_read_shape(document["shape"]),
            pace=_read_pace(document["pace"]),
            deadline=datetime.fromisoformat(deadline) if deadline else None,
            judge_over=parse_span(document["judge_over"]),
            commitment=Commitment(document["commitment"]),
        )


def _shape(shape: Shape) -> dict[str, Any]:
    match shape:
        case Reach(start=start, to=Change(amount=amount, relative=relative)):
            return {"is": "reach", "from": _from(start), "change": [amount, relative]}
        case Reach(start=start, to=to):
            return {"is": "reach", "from": _from(start), "to": to}
        case Total(at_most=at_most, at_least=at_least, start=start):
            began = _from(start) if start is not None else None
            return {"is": "total", "at_most": at_most, "at_least": at_least, "from": began}
        case Keep(share=share, at_most=at_most, at_least=at_least):
            return {"is": "keep", "share": share, "at_most": at_most, "at_least": at_least}
        case Slo(objective=objective):
            return {"is": "slo", "objective": objective}
        case _:
            assert_never(shape)


def _read_shape(document: Mapping[str, Any]) -> Shape:
    match document["is"]:
        case "reach":
            change = document.get("change")
            to = Change(float(change[0]), relative=bool(change[1])) if change else float(document["to"])
            return Reach(_read_from(document["from"]), to)
        case "total":
            start = document["from"]
            return Total(document["at_most"], document["at_least"], _read_from(start) if start else None)
        case "keep":
            return Keep(document["share"], document["at_most"], document["at_least"])
        case "slo":
            return Slo(document["objective"])
        case other:
            raise ValueError(f"there is no shape {other!r}")


def _from(start: From) -> dict[str, Any]:
    match start:
        case Typed(value=value):
            return {"typed": value}
        case Measured(over=over):
            return {"measured": str(over)}
        case LastCycle():
            return {"last_cycle": True}
        case _:
            assert_never(start)


def _read_from(document: Mapping[str, Any]) -> From:
    if "typed" in document:
        return Typed(float(document["typed"]))
    return Measured(parse_span(document["measured"])) if "measured" in document else LastCycle()


def _pace(pace: Pace) -> dict[str, Any]:
    match pace:
        case Linear():
            return {"is": "linear"}
        case WorkingDays():
            return {"is": "working-days"}
        case Late(until=until):
            return {"is": "late", "until": until.isoformat()}
        case Points(points=points):
            return {"is": "points", "points": [[day.isoformat(), value] for day, value in points]}
        case _:
            assert_never(pace)


def _read_pace(document: Mapping[str, Any]) -> Pace:
    match document["is"]:
        case "linear":
            return Linear()
        case "working-days":
            return WorkingDays()
        case "late":
            return Late(date.fromisoformat(document["until"]))
        case "points":
            points = ((date.fromisoformat(day), float(value)) for day, value in document["points"])
            return Points(tuple(points))
        case other:
            raise ValueError(f"there is no pace {other!r}")
