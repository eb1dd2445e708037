"""What a detector found is said in one line: what, by how much, since when, and what to do."""

import pytest

from collector.domain.alert import AlertKind
from collector.domain.detectors.findings import Findings
from collector.domain.detectors.flatline import Flatline
from collector.domain.detectors.sudden_change import SuddenChange
from collector.domain.detectors.unit_change import UnitChange
from collector.domain.message_findings import finding_of

FOUND = Findings(
    today=45,
    known=True,
    change=SuddenChange(40, 43, 400.0, 500.0),
    flat=Flatline(41, 4, 512.5),
    unit=UnitChange(42, 1 / 1000, 400.0, 0.41),
    noise=12.0,
)


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        (
            AlertKind.SUDDEN_CHANGE,
            (
                "since 10 Nov about 500 ms, 400 in the two weeks before (+25 %); find out what happened that day, and note it: "
                '`krd annotate checkout/p95 "WHAT" --at INSTANT`'
            ),
        ),
        (
            AlertKind.FLATLINE,
            (
                "the same value, 512 ms, on 4 days running, since 11 Nov, and it varied before; see whether the source still measures "
                "it. If it truly stands still, acknowledge this: `krd alerts ack`"
            ),
        ),
        (
            AlertKind.UNIT_CHANGE,
            (
                "since 12 Nov about 1/1,000 of what it was (400 before, 0.41 now), as another unit would be; mend the source and "
                "read the days again (`krd backfill checkout/p95 --restate`), or write the query anew with a reason in `changes:`"
            ),
        ),
        (
            AlertKind.REGRESSED,
            (
                "level 990 ms against 900 where it began: 20 % of the way backwards and more than its noise, ±12 a day; stop or "
                "undo what was done, or find out what else moved it"
            ),
        ),
        (
            AlertKind.ACHIEVED_EARLY,
            (
                "at its target or beyond for a week on day 45 of 92; was the target too easy? Raise it with a reason in "
                "`changes:`, or spend the effort elsewhere"
            ),
        ),
        (AlertKind.DRIFT, ""),
    ],
)
def test_each_finding_says_what_by_how_much_since_when_and_what_to_do(make, kind, line):
    verdict = make.evaluation(day=45, days=92, baseline=900.0, level=990.0, progress=-0.2)

    assert finding_of(make.key_result(), verdict, kind, FOUND) == line


def test_a_change_across_zero_has_no_percentage(make):
    found = Findings(45, known=True, change=SuddenChange(40, 43, -2.0, 5.0))

    assert "5 ms, -2 in the two weeks before; find out" in finding_of(
        make.key_result(), make.evaluation(), AlertKind.SUDDEN_CHANGE, found
    )


@pytest.mark.parametrize("found", [None, Findings(45, known=True)])
@pytest.mark.parametrize("kind", [AlertKind.SUDDEN_CHANGE, AlertKind.FLATLINE, AlertKind.UNIT_CHANGE])
def test_what_is_not_found_any_more_is_not_spoken_of(make, kind, found):
    assert finding_of(make.key_result(), make.evaluation(), kind, found) == ""
