"""What there is to say about a key result beside its numbers: what a person has to settle, and how."""

from __future__ import annotations

from collections.abc import Iterator

from collector.cli.plain import counted
from collector.domain.okr import MAIN
from collector.domain.phrases import release, scores, unexplained
from collector.domain.reasons import of_guardrails, waiting
from collector.domain.status import Status
from collector.services.read_models import Standing


def remarks_of(standing: Standing) -> Iterator[str]:
    """Give broken guardrails, held readings, both scores of a changed promise, edits without a reason, and why it was
    retired.
    """
    key_result, verdict = standing.key_result, standing.evaluation
    if key_result.retired is not None:
        yield f"retired on {key_result.retired.on}: {key_result.retired.why}"
        return
    if verdict is not None and not verdict.over and verdict.status is not Status.DRAFT:
        yield from of_guardrails(key_result, verdict.guardrails)
        for text in waiting(key_result.cycle, verdict.held):
            yield f"{text}; {release(key_result.address)}"
        for role, current in standing.parts.items():
            if current.held and role != MAIN:
                yield f"{counted(current.held, 'reading')} of {role} held; {release(key_result.address)}"
    if verdict is not None and verdict.first_score is not None:
        yield f"the promise was changed: score {scores(verdict)}"
    if standing.unexplained:
        yield unexplained(standing.unexplained)
