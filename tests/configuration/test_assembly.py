"""What comes of sound files: cycles, calendars, bindings, shapes and fingerprints."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from collector.domain.cadence import Cron, Months
from collector.domain.calendar import BriefBefore, BriefOnPreviousWorkingDay, CountedSync, WeeklySync
from collector.domain.cycle import CalendarDays, ShortDays
from collector.domain.measure import Query, Ratio, WholeCycle
from collector.domain.pace import Late
from collector.domain.shape import Change, Keep, LastCycle, Measured, Reach, Total, Typed
from collector.domain.span import Span
from connectors.api import Secret


def test_a_quarter_begins_and_ends_at_the_teams_midnights(one):
    cycle = one().cycle
    assert (cycle.starts, cycle.ends) == (
        datetime(2026, 9, 30, 22, tzinfo=UTC), datetime(2026, 12, 31, 23, tzinfo=UTC)
    )  # fmt: skip
    assert cycle.days == 92


def test_a_teams_own_zone_moves_its_midnights(files, one):
    krd = files.KRD.replace("lead: li,", "lead: li, timezone: Asia/Tokyo,")
    assert one(krd=krd).cycle.starts == datetime(2026, 9, 30, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "first", "days"),
    [("2026-Q1", date(2026, 1, 1), 90), ("2026-H2", date(2026, 7, 1), 184), ("2028", date(2028, 1, 1), 366)],
)
def test_a_cycle_is_told_by_its_name(files, one, name, first, days):
    cycle = one(krd=files.KRD.replace("2026-Q4", name), cycle=name).cycle
    assert (cycle.grid, cycle.days) == (CalendarDays(ZoneInfo("Europe/Berlin"), first), days)


def test_a_first_run_is_now_unless_it_is_stored(files, one):
    stored = datetime(2026, 11, 1, tzinfo=UTC)
    assert one(cycle="lab").cycle.grid == ShortDays(files.AT, timedelta(seconds=6))
    assert one(cycle="lab", first_runs={"lab": stored}).cycle.starts == stored


def test_cycles_that_begin_with_their_first_run_are_told_so_that_it_is_stored(files):
    assert files.load().required().first_runs == {"lab"}


def test_a_first_run_may_begin_a_cycle_of_calendar_days(files, one):
    krd = files.KRD.replace("days: 100, day: 6s", "days: 100")
    assert one(krd=krd, cycle="lab").cycle.grid == CalendarDays(ZoneInfo("Europe/Berlin"), date(2026, 11, 22))


def test_a_team_meets_as_its_own_sync_says(one):
    calendar = one().calendar
    assert (calendar.sync, calendar.brief) == (CountedSync(Span(days=7)), BriefBefore(Span(days=1)))


def test_a_team_without_a_word_meets_as_the_file_says(files, one):
    krd = (
        files.KRD.replace(", sync: {every: 7d}", "")
        + "sync: {every: 2 weeks friday 14:00, brief: previous working day 9:30}\n"
    )
    calendar = one(krd=krd).calendar
    assert calendar.sync == WeeklySync(weekday=4, hour=time(14), weeks=2)
    assert calendar.brief == BriefOnPreviousWorkingDay(time(9, 30))


def test_teams_meet_on_mondays_when_nobody_says_otherwise(files, one):
    calendar = one(krd=files.KRD.replace(", sync: {every: 7d}", "")).calendar
    assert (calendar.sync, calendar.brief) == (WeeklySync(0, time(10)), BriefOnPreviousWorkingDay(time(15)))


def test_a_teams_sync_takes_the_files_brief(files, one):
    krd = (
        files.KRD.replace("every: 7d", "every: friday 14:00")
        + "sync: {every: monday 10:00, brief: previous working day 12:00}\n"
    )
    calendar = one(krd=krd).calendar
    assert (calendar.sync.weekday, calendar.brief) == (4, BriefOnPreviousWorkingDay(time(12)))


def test_the_kind_of_the_source_gives_the_interval_and_the_interval_the_window(one):
    prometheus = one().binding
    sql = one(measure='{source: warehouse, query: "SELECT 1 WHERE at < :until"}').binding
    assert (prometheus.every, prometheus.window) == (Span(real=timedelta(minutes=15)),) * 2
    assert (sql.every, sql.window) == (Span(days=1),) * 2


@pytest.mark.parametrize(
    ("written", "every"),
    [("2s", Span(real=timedelta(seconds=2))), ("2w", Span(days=14)), ("month", Months(1)), ("3 months", Months(3)),
     ('"0 6 * * 1-5"', Cron("0 6 * * 1-5")), ("week", Span(days=7)), ("2 days", Span(days=2))],
)  # fmt: skip
def test_an_interval_may_be_written_in_many_ways(one, written, every):
    assert one(measure=f"{{source: prod, query: x, every: {written}}}").binding.every == every


def test_a_ratio_keeps_numerator_and_denominator_apart(one):
    binding = one(
        measure='{source: prod, unit: "%", numerator: a, denominator: b, window: 7d, settle: 3d, matures: 7d}'
    ).binding
    assert (binding.form, binding.unit, binding.window) == (Ratio("a", "b"), "%", Span(days=7))
    assert (binding.settle, binding.matures) == (Span(days=3), Span(days=7))


def test_a_total_counts_the_whole_cycle(one):
    found = one(
        measure='{source: prod, window: cycle, query: "increase(x[$window])"}',
        promise="total: {at_least: 3k}",
    )
    assert (found.shape, found.binding.window) == (Total(at_least=3000.0), WholeCycle())


def test_a_binding_knows_whether_its_query_answers_the_past(one):
    assert one(measure='{source: warehouse, query: "SELECT 1 WHERE at < :until"}').binding.answers_the_past
    assert not one(measure='{source: warehouse, query: "SELECT 1"}').binding.answers_the_past


def test_a_shared_measure_is_used_with_a_pick_of_ones_own(one):
    found = one(
        measure="{use: p95, pick: {service: checkout}}",
        extra="measures: {p95: {source: prod, unit: ms, query: x}}\n",
    )
    assert (found.binding.form, found.binding.pick, found.unit) == (Query("x"), {"service": "checkout"}, "ms")


@pytest.mark.parametrize(
    ("promise", "shape"),
    [
        ("from: measured\n        to: 60", Reach(Measured(), 60.0)),
        ("from: {measured: 28d}\n        to: 1.5M", Reach(Measured(Span(days=28)), 1_500_000.0)),
        ("change: -40%", Reach(Measured(), Change(-40.0, relative=True))),
        ("from: 31\n        change: +5pt", Reach(Typed(31.0), Change(5.0, relative=False))),
    ],
)
def test_a_way_may_be_told_in_several_words(one, promise, shape):
    assert one(promise=promise).shape == shape


@pytest.mark.parametrize(
    ("promise", "shape"),
    [
        ("keep: {at_most: 200, share: 99}", Keep(99.0, at_most=200.0)),
        ("from: last_cycle\n        to: 5", Reach(LastCycle(), 5.0)),
        ("change: -40%\n        from: last_cycle", Reach(LastCycle(), Change(-40.0, relative=True))),
    ],
)
def test_every_shape_of_a_value_is_measured(one, promise, shape):
    found = one(promise=promise)
    assert (found.shape, found.not_run) == (shape, None)
    assert found.binding is not None


def test_only_a_source_of_a_later_version_keeps_a_key_result_from_being_measured(files, one):
    krd = files.KRD.replace("notify:", "  board: {kind: linear}\nnotify:")
    found = one(krd=krd, measure="{source: board, query: x}")
    assert (found.not_run, found.binding) == (
        "the source board is of the kind linear, which is not read yet", None
    )  # fmt: skip


def test_a_pace_and_a_baseline_are_kept_as_written(one):
    assert one(extra="        pace: {late: 2026-11-01}\n").pace == Late(date(2026, 11, 1))
    assert one(promise="from: last_cycle\n        to: 5").shape.start == LastCycle()


def test_a_deadline_is_the_end_of_its_day(one):
    found = one(extra="        by: 2026-11-30\n")
    assert found.ends == datetime(2026, 11, 30, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cycle", "every", "judged"),
    [("2026-Q4", "1d", Span(days=7)), ("2026-Q4", "2w", Span(days=14)), ("2026-Q4", "month", Span(days=31)),
     ("lab", "2s", Span(days=7)), ("lab", "1m", Span(real=timedelta(minutes=1)))],
)  # fmt: skip
def test_the_level_is_judged_over_a_week_or_one_interval(one, cycle, every, judged):
    assert one(cycle=cycle, measure=f"{{source: prod, query: x, every: {every}}}").judge_over == judged


def test_an_owner_is_inherited_from_the_lead(one):
    assert one().owner == "li"


def test_a_query_may_stand_in_a_file_of_its_own(one):
    found = one(measure="{source: prod, query: {file: ../x.promql}}", more={"x.promql": "up\n"})
    assert found.binding.form == Query("up")


def test_a_changed_query_file_changes_what_is_measured_but_not_what_is_promised(one):
    first = one(measure="{source: prod, query: {file: x.promql}}", more={"okrs/x.promql": "up\n"})
    second = one(measure="{source: prod, query: {file: x.promql}}", more={"okrs/x.promql": "down\n"})
    assert first.measure_fingerprint != second.measure_fingerprint
    assert first.promise_fingerprint == second.promise_fingerprint


def test_a_changed_target_changes_what_is_promised_but_not_what_is_measured(one):
    first, second = one(), one(promise="from: 120\n        to: 50")
    assert first.measure_fingerprint == second.measure_fingerprint
    assert first.promise_fingerprint != second.promise_fingerprint


def test_a_moved_source_is_another_measure_but_new_credentials_are_not(files, one):
    moved = one(krd=files.KRD.replace("127.0.0.1:9090", "127.0.0.2:9090"))
    renewed = one(krd=files.KRD.replace("http://127", "http://user:new@127"))
    assert one().measure_fingerprint != moved.measure_fingerprint
    assert one().measure_fingerprint == renewed.measure_fingerprint


def test_layout_owner_and_title_change_no_fingerprint(files):
    (first,) = files.load(okrs=files.OKRS).required().okrs.key_results.values()
    other = "# a comment\n" + files.OKRS.replace("Cut latency", "Lower latency").replace(
        "to: 60", "to:   6.0e+1"
    )
    (second,) = files.load(okrs=other).required().okrs.key_results.values()
    assert (first.measure_fingerprint, first.promise_fingerprint) == (
        second.measure_fingerprint, second.promise_fingerprint
    )  # fmt: skip


def test_a_team_without_notify_is_told_by_all_notifiers(files):
    krd = files.KRD.replace(
        "notify: {terminal: {kind: console}}",
        "notify: {terminal: {kind: console}, ops: {kind: slack, url: {env: OPS}}}",
    )
    assert files.load(krd=krd).required().okrs.teams["shop"].notify == ("terminal", "ops")
    named = krd.replace("lead: li,", "lead: li, notify: [ops],")
    assert files.load(krd=named).required().okrs.teams["shop"].notify == ("ops",)


def test_a_secret_file_is_relative_to_the_naming_file(files):
    krd = files.KRD.replace("{env: WAREHOUSE_URL}", "{file: secrets/warehouse}")
    path = files.load(krd=krd).required().sources["warehouse"].options.url
    assert path == Secret(place="secrets/warehouse", kind="file")
    assert (files.root / path.place).parent == files.root / "secrets"


def test_a_timeout_is_written_as_people_write_time(files):
    krd = files.KRD.replace("kind: prometheus,", "kind: prometheus, timeout: 10s,")
    assert files.load(krd=krd).required().sources["prod"].options.timeout == timedelta(seconds=10)


def test_a_key_result_may_be_carried_by_another_team(files, one):
    krd = files.KRD.replace("teams: {", "teams: {pay: {timezone: Asia/Tokyo}, ")
    found = one(krd=krd, extra="        team: pay\n        owner: li\n")
    assert (found.address, found.team, found.cycle.starts) == (
        "pay/latency",
        "pay",
        datetime(2026, 9, 30, 15, tzinfo=UTC),
    )
    assert found.objective == "shop/quick"


def test_every_calendar_that_is_needed_is_there(files, one):
    krd = files.KRD.replace("teams: {", "teams: {pay: {lead: li}, ")
    okrs = files.OKRS + "        team: pay\n"
    loaded = files.load(krd=krd, okrs=okrs).required()
    assert set(loaded.okrs.calendars) == {("shop", "2026-Q4"), ("pay", "2026-Q4")}


def test_a_record_of_the_definition_holds_no_secret_and_says_what_is_asked(one):
    found = one(measure='{source: warehouse, query: "SELECT 1 WHERE at < :until"}')
    assert '"texts":["SELECT 1 WHERE at < :until"]' in found.document
    assert found.place == "okrs/team.yaml:7"
