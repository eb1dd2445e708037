"""The tables as they are now: `migrations/` leads every older database to exactly this.

Numbers are finite by constraint, times are milliseconds (see `instants`), documents are JSON text.
"""

from collector.store.tables.columns import metadata
from collector.store.tables.judged import baselines, evaluation_days, evaluations
from collector.store.tables.noted import annotated, audit
from collector.store.tables.promised import cycles, definitions, key_results, series
from collector.store.tables.read import currents, days, gaps, restatements, samples
from collector.store.tables.said import (
    acks,
    alerts,
    disabled,
    moments,
    outbox,
    pruned,
    silences,
    told,
    transitions,
)

__all__ = [
    "acks",
    "alerts",
    "annotated",
    "audit",
    "baselines",
    "currents",
    "cycles",
    "days",
    "definitions",
    "disabled",
    "evaluation_days",
    "evaluations",
    "gaps",
    "key_results",
    "metadata",
    "moments",
    "outbox",
    "pruned",
    "restatements",
    "samples",
    "series",
    "silences",
    "told",
    "transitions",
]
