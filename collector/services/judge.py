"""Judges one key result without ever keeping the others from being judged."""

from __future__ import annotations

from datetime import datetime

from collector.domain.evaluation import Evaluation
from collector.domain.judgement import History, evaluate
from collector.domain.okr import KeyResult
from collector.logs import get_logger

log = get_logger(__name__)

ABSURD = (ArithmeticError, ValueError)
"""What arithmetic with absurd numbers raises."""


def judge_or_keep(key_result: KeyResult, history: History, at: datetime) -> Evaluation | None:
    """Give the verdict at `at`; of a series of absurd numbers, which no arithmetic can judge, the verdict it had."""
    try:
        return evaluate(key_result, history, at)
    except ABSURD as error:
        log.exception("verdict_failed", key_result=key_result.key, error=repr(error))
        return history.previous
