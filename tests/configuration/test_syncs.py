"""Syncs as teams write them, over the first week of a cycle and the end of a year."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from collector.domain.calendar import BriefBefore, BriefOnPreviousWorkingDay
from collector.domain.span import Span

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def syncs(files):
    """The syncs of the team shop in a cycle, by its own clock: `syncs(sync=…, cycle=…, more=…)`."""

    def read(sync, cycle="2026-Q4", cycles="2026-Q4", more=""):
        krd = (
            files.KRD.replace("sync: {every: 7d}", f"sync: {sync}").replace("2026-Q4, {id: lab", f"{cycles}, {{id: lab")
            + more
        )  # fmt: skip
        loaded = files.load(krd=krd, okrs=files.OKRS.replace("cycle: 2026-Q4", f"cycle: {cycle}"))
        assert loaded.findings == ()
        calendar = loaded.required().okrs.calendars[("shop", cycle)]
        found = calendar.syncs(calendar.cycle.starts - timedelta(seconds=1))
        return [f"{sync.astimezone(BERLIN):%a %d %b %Y %H:%M}" for sync in found]

    return read


def test_every_second_week_is_counted_from_the_week_in_which_the_cycle_begins(syncs):
    # 2026-10-01 is a Thursday: that week's Friday is the first, its Monday was before the cycle.
    assert syncs("{every: 2 weeks friday 14:00}")[:3] == [
        "Fri 02 Oct 2026 14:00",
        "Fri 16 Oct 2026 14:00",
        "Fri 30 Oct 2026 14:00",
    ]
    assert syncs("{every: 2 weeks monday 10:00}")[:2] == ["Mon 12 Oct 2026 10:00", "Mon 26 Oct 2026 10:00"]


def test_the_last_sync_is_the_first_one_after_the_cycle(syncs):
    assert syncs("{every: 2 weeks friday 14:00}", more="holidays: [2026-12-25]\n")[-3:] == [
        "Fri 11 Dec 2026 14:00",
        "Thu 24 Dec 2026 14:00",
        "Fri 08 Jan 2027 14:00",
    ]


def test_a_year_of_53_weeks_leaves_two_weeks_between_two_syncs(syncs):
    winter = "{id: winter, starts: 2026-12-01, ends: 2027-01-31}"
    assert syncs("{every: 2 weeks tuesday 9:00}", cycle="winter", cycles=f"2026-Q4, {winter}") == [
        "Tue 01 Dec 2026 09:00",
        "Tue 15 Dec 2026 09:00",
        "Tue 29 Dec 2026 09:00",
        "Tue 12 Jan 2027 09:00",
        "Tue 26 Jan 2027 09:00",
        "Tue 09 Feb 2027 09:00",
    ]


def test_a_new_cycle_counts_its_weeks_anew(syncs):
    found = syncs("{every: 2 weeks friday 14:00}", cycle="2027-Q1", cycles="2026-Q4, 2027-Q1")
    assert found[:2] == ["Fri 01 Jan 2027 14:00", "Fri 15 Jan 2027 14:00"]


@pytest.mark.parametrize(
    "written", ["2 weeks friday 14:00", "2 Weeks Friday 14:00", '" 2 weeks friday 14:00 "']
)
def test_a_sync_is_read_however_its_words_are_written(syncs, written):
    assert syncs(f"{{every: {written}}}")[0] == "Fri 02 Oct 2026 14:00"


def test_one_week_is_every_week(syncs):
    assert syncs("{every: 1 week friday 14:00}") == syncs("{every: friday 14:00}")


def test_each_team_meets_in_its_own_weeks(files):
    krd = files.KRD.replace(
        "teams: {shop: {lead: li, sync: {every: 7d}}}",
        "teams: {shop: {lead: li}, pay: {lead: li, sync: {every: 2 weeks friday 14:00, brief: 2d}}}\n"
        "sync: {every: 2 weeks monday 10:00, brief: previous working day 12:00}",
    )
    okrs = (
        files.OKRS
        + files.OKRS[files.OKRS.index("      - id") :].replace("latency", "speed", 1)
        + "        team: pay\n"
    )
    calendars = files.load(krd=krd, okrs=okrs).required().okrs.calendars
    shop, pay = calendars[("shop", "2026-Q4")], calendars[("pay", "2026-Q4")]
    assert (shop.sync.weeks, shop.sync.weekday, shop.brief.hour.hour) == (2, 0, 12)
    assert (pay.sync.weeks, pay.sync.weekday, pay.brief) == (2, 4, BriefBefore(Span(days=2)))
    assert isinstance(shop.brief, BriefOnPreviousWorkingDay)
    (first, *_) = pay.syncs(pay.cycle.starts)
    assert pay.brief_before(first) == datetime(2026, 9, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "what"),
    [
        ("0 weeks friday 14:00", "`0 weeks friday 14:00` is not a weekday and hour"),
        ("2 weeks freitag 14:00", "`2 weeks freitag 14:00` is not a weekday and hour"),
        ("2 weeks friday 25:00", "`25:00` is not an hour of the day"),
        ("2 weeks friday", "`2 weeks friday` is not a sync"),
        ("every 2 weeks", "`every 2 weeks` is not a sync"),
        ("none", "`none` is not a sync"),
    ],
)
def test_what_is_no_sync_is_refused_at_its_place(files, written, what):
    (only,) = files.load(krd=files.KRD.replace("every: 7d", f"every: {written}")).errors
    assert (only.code, only.what, only.place.line, only.place.column) == ("KRD203", what, 4, 40)
