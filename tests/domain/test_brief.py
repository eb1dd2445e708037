"""What a team should know before its sync: decisions first, numbers nobody should trust apart, the rest left to people."""

from dataclasses import replace
from datetime import timedelta

import pytest

from collector.domain.alert import AlertKind
from collector.domain.brief import Beside, Issue, IssueKind, OpenAlert, Row, mark_of, write_brief
from collector.domain.budget import Budget
from collector.domain.grip import line_of, lines, sections
from collector.domain.health import Health
from collector.domain.observed import Guarded, Held
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


def parts(sheet):
    return {part.heading: part.lines for part in sections(sheet)}


def test_a_brief_has_four_parts_and_off_track_comes_first_in_them(make, row):
    sheet = brief(
        make,
        row(title="good"),
        row(health=Health.BROKEN, title="broken"),
        row(Status.AT_RISK, title="risky"),
        row(Status.OFF_TRACK, title="lost"),
    )

    confidence, results, issues, plan = sections(sheet)
    assert [line.split(" (")[0] for line in results.lines] == ["■ lost", "▲ risky", "● good"]
    assert results.heading == "Results progress since the start"
    assert [line.split(" (")[0] for line in issues.lines] == [
        "to decide: lost",
        "not fit to discuss: ◌ broken",
    ]
    assert (confidence.heading, plan.heading) == ("Goal confidence (0-10, the owner's word)", "Plan ahead")


def test_confidence_and_next_steps_are_left_open_for_owners_whatever_is_known(make, row):
    told = parts(brief(make, row(Status.OFF_TRACK), row(title="other")))

    assert told["Goal confidence (0-10, the owner's word)"] == (
        "Cut p95 latency (Li): confidence __ /10",
        "other (Li): confidence __ /10",
    )
    assert told["Plan ahead"] == ("Li: next __",)


def test_nobody_is_asked_for_the_confidence_in_what_is_over(make, row):
    assert [part.heading for part in sections(brief(make, row(Status.ACHIEVED)))] == [
        "Results progress since the start"
    ]


def test_the_results_name_the_sync_they_are_compared_with(make, row):
    sheet = write_brief("shop", make.lab_start, [row()], Beside(since="since the sync on Mon 9 Nov 10:00"))

    assert "Results progress since the sync on Mon 9 Nov 10:00" in parts(sheet)


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
    assert lines(brief(make)) == ()


def test_a_changed_status_hides_no_changed_number(make, row):
    before = make.evaluation(status=Status.AT_RISK, progress=0.10)

    assert "on track, was at risk at the last sync, 10 % → 25 % since the last sync" in line_of(
        row(progress=0.25, before=before)
    )


def test_a_budget_moves_by_what_is_used_of_it_and_past_its_end_too(make):
    slo = make.slo()
    before = make.evaluation(spent=0.9, budget=Budget(9, 10))
    now = make.evaluation(spent=1.3, budget=Budget(13, 10), sentence="Day 8 of 100.")

    assert "90 % → 130 % of the budget since the last sync" in line_of(Row(slo, "Li", now, before))


def test_a_count_moves_by_what_is_counted(make):
    before = make.evaluation(spent=1 / 3, level=1.0, budget=Budget(1, 3))
    now = make.evaluation(spent=2 / 3, level=2.0, budget=Budget(2, 3), sentence="Day 8 of 100.")

    assert ", 1 → 2 used since the last sync." in line_of(Row(make.total(), "Li", now, before))


def test_a_value_by_hand_is_marked_by_sign_and_words(row):
    assert line_of(row(by_hand=True)).startswith("● Cut p95 latency (Li, ✎ by hand): ")


@pytest.fixture
def guarded(make):
    """A key result whose guardrail is broken, and which holds a reading."""
    promise = make.key_result(guardrails=(make.guardrail(),))
    now = make.evaluation(
        status=Status.AT_RISK,
        health=Health.FRESH,
        guardrails=(Guarded("refunds", "refunds stay low", 3.1, Health.FRESH, breached=True),),
        held=Held(2, 90_000.0, make.lab_start, "a jump by x100"),
        sentence="Day 8 of 100.",
    )
    return Row(promise, "Li", now)


def test_issues_name_what_is_broken_and_held_and_how_to_settle_it(make, guarded):
    sheet = brief(make, guarded)
    said = {issue.kind: issue.text for issue in sheet.issues}

    assert said[IssueKind.GUARDRAIL] == "guardrail refunds is broken: 3.1 ms, at most 2 ms"
    assert "2 readings held: 90,000" in said[IssueKind.HELD]
    assert "`krd annotate checkout/p95 --release --why TEXT`" in said[IssueKind.HELD]
    assert sheet.title == "shop: 2 issues"


def test_of_what_is_over_only_its_definition_is_an_issue(make, guarded):
    over = replace(guarded, now=replace(guarded.now, status=Status.MISSED), unexplained="promise")

    assert [issue.kind for issue in brief(make, over).issues] == [IssueKind.UNEXPLAINED]


def test_edits_and_what_is_gone_are_issues_and_a_value_due_belongs_to_the_plan(make, row):
    edited = replace(row(), unexplained="measure and promise", due=("a value is due from Sam",))
    gone = Issue(IssueKind.REMOVED, "checkout/old", "removed without a reason")
    sheet = write_brief("shop", make.lab_start, [edited], Beside(gone=(gone,)))

    assert lines(sheet)[-6:] == (
        "Issues:",
        (
            "  checkout/p95: its measure and promise changed without a reason: "
            "add `changes: [{on: DATE, why: …}]` to its file"
        ),
        "  checkout/old: removed without a reason",
        "Plan ahead:",
        "  Li: next __",
        "  checkout/p95: a value is due from Sam",
    )


def test_with_an_issue_the_sync_is_not_cancelled(make, row):
    gone = Issue(IssueKind.REMOVED, "checkout/old", "removed without a reason")

    assert write_brief("shop", make.lab_start, [row()], Beside(gone=(gone,))).title == "shop: 1 issue"


def test_a_value_that_is_only_due_needs_no_meeting(make, row):
    sheet = brief(make, replace(row(), due=("a value is due from Sam",)))

    assert sheet.title == "shop: nothing needs a decision, this sync can be cancelled"


def alert(kind, text="Over its limit: Cut p95 latency (Li)", mark="", address="checkout/p95"):
    return OpenAlert(kind, address, text, mark)


def test_an_open_alert_of_which_nothing_else_speaks_is_an_issue(make, row):
    sheet = write_brief(
        "shop", make.lab_start, [row()], Beside(alerts=(alert(AlertKind.BREACH, mark="acknowledged by li"),))
    )

    assert parts(sheet)["Issues"] == ("Over its limit: Cut p95 latency (Li) (acknowledged by li)",)
    assert sheet.title == "shop: 1 issue"


def test_an_alert_is_not_told_twice_and_its_mark_stands_where_it_is_told(make, row):
    drift = alert(AlertKind.DRIFT, mark="silenced until 2026-11-20 by sam: rebuilt")
    sheet = write_brief("shop", make.lab_start, [row(Status.OFF_TRACK)], Beside(alerts=(drift,)))

    assert parts(sheet)["Issues"] == (
        "to decide: Cut p95 latency (Li) is off track (silenced until 2026-11-20 by sam: rebuilt)",
    )
    assert sheet.title == "shop: 1 off track"


def test_good_news_alone_needs_no_meeting(make, row):
    early = alert(AlertKind.ACHIEVED_EARLY, "All there before the close: Cut p95 latency (Li)")
    sheet = write_brief("shop", make.lab_start, [row()], Beside(alerts=(early,)))

    assert sheet.title == "shop: nothing needs a decision, this sync can be cancelled"
    assert parts(sheet)["Issues"] == ("All there before the close: Cut p95 latency (Li)",)
