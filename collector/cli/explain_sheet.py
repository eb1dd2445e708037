"""Prints the arithmetic of one verdict."""

from __future__ import annotations

from collector.cli import select
from collector.cli.arithmetic import steps_of
from collector.cli.asked import Asked
from collector.cli.everything import gather
from collector.cli.marks import sign, word
from collector.cli.opening import kept, now
from collector.cli.output import Cell, Column, Report, Section, Sheet, Tone, emit
from collector.services.read_models import status_document


def explain_one(asked: Asked, wanted: str) -> None:
    """Print it for the key result that `wanted` names."""
    at = now()
    with kept(asked) as app:
        everything = gather(app, select.key_result(app.configuration.okrs, wanted, at).key, at)
    standing = everything.standing
    key_result = standing.key_result
    steps = steps_of(everything)
    records = [{"step": one.name, "value": one.value, "how": one.how} for one in steps]
    document = {**status_document(key_result, standing.evaluation, standing.unexplained), "steps": records}
    heading: list[Cell | str] = [
        Cell(f"{sign(standing.evaluation).text} {key_result.title}", Tone.TITLE),
        word(standing),
    ]
    if standing.evaluation is not None:
        heading.append(standing.evaluation.sentence)
    columns = (Column("step"), Column("value", right=True), Column("how"))
    rows = [[one.name, one.value, one.how] for one in steps]
    emit(asked, Report(document, records, Sheet(columns, [Section(rows)], above=[*heading, ""])))
