"""The sheet before the sync: decisions first, numbers nobody should trust apart."""

from datetime import timedelta

import pytest

from collector.domain.brief import Row, line_of, mark_of, write_brief
from collector.domain.health import Health
from collector.domain.status import Status


@pytest.fixture
def row(make):
    def one(status=Status.ON_TRACK, health=Health.FRESH, title="Cut p95 latency", before=None, **changes):
        now = make.evaluation(status=status, health=health, sentence="Day 8 of 100.", **changes)
        return Row(make.key_result(title=title), "Li", now, before)

    return one


@pytest.fixture
def unread(make):
    return Row(make.key_result(title="Keep refunds low", not_run="keep is not measured yet"), "Sam", None)


def brief(make, *rows):
    return write_brief("shop", make.lab_start + timedelta(days=7), rows)


def test_when_nothing_needs_a_decision_the_sync_can_be_cancelled(make, row):
    sheet = brief(make, row(), row(Status.AT_RISK))

    assert sheet.title == "shop: nothing needs a decision, this sync can be cancelled"


def test_what_is_off_track_and_what_is_unfit_stand_in_the_title(make, row, unread):
    sheet = brief(make, row(Status.OFF_TRACK), row(health=Health.STALE), unread)

    assert sheet.title == "shop: 1 off track, 2 without fit numbers"


def test_off_track_comes_first_and_unfit_last(make, row):
    sheet = brief(
        make,
        row(title="good"),
        row(health=Health.BROKEN, title="broken"),
        row(Status.AT_RISK, title="risky"),
        row(Status.OFF_TRACK, title="lost"),
    )

    assert [line.split(" (")[0] for line in sheet.lines] == [
        "Needs a decision:",
        "  ■ lost",
        "Moving:",
        "  ▲ risky",
        "  ● good",
        "Not fit to discuss",
        "  ◌ broken",
    ]


@pytest.mark.parametrize("health", [Health.STALE, Health.BROKEN, Health.NEVER])
def test_what_is_unmeasured_never_looks_green(make, row, health):
    sheet = brief(make, row(health=health))

    assert sheet.watch == ()
    assert mark_of(sheet.unfit[0].now) == "◌"


@pytest.mark.parametrize("health", [Health.FRESH, Health.LATE])
def test_late_data_may_be_discussed(make, row, health):
    assert len(brief(make, row(health=health)).watch) == 1


@pytest.mark.parametrize(
    ("status", "mark"),
    [(Status.DRAFT, "·"), (Status.RETIRED, "·"), (Status.ACHIEVED, "✓"), (Status.MISSED, "✗")],
)
def test_what_is_not_read_any_more_is_not_held_unfit_for_its_age(make, row, status, mark):
    sheet = brief(make, row(status, health=Health.STALE))

    assert sheet.unfit == ()
    assert mark_of(sheet.watch[0].now) == mark


def test_what_was_never_measured_says_why(unread):
    assert line_of(unread) == "◌ Keep refunds low (Sam): keep is not measured yet"


def test_a_line_says_what_moved_since_the_last_sync(make, row):
    before = make.evaluation(status=Status.ON_TRACK, progress=0.10)

    assert line_of(row(progress=0.25, before=before)) == (
        "● Cut p95 latency (Li): on track, 10 % → 25 % since the last sync. Day 8 of 100."
    )


def test_a_line_says_when_the_status_changed(make, row):
    before = make.evaluation(status=Status.ON_TRACK)

    assert line_of(row(Status.OFF_TRACK, before=before)) == (
        "■ Cut p95 latency (Li): off track, was on track at the last sync. Day 8 of 100."
    )


def test_a_first_line_says_nothing_about_before(row):
    assert line_of(row()) == "● Cut p95 latency (Li): on track. Day 8 of 100."


def test_a_team_without_key_results_has_an_empty_sheet(make):
    assert brief(make).lines == ()
