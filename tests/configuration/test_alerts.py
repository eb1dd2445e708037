"""How teams want to be told, as it is written in `krd.yaml`: waiting times, quiet hours, severities, escalation."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from collector.domain.alert import AlertKind
from collector.domain.announcement import Severity
from collector.domain.policy import AlertPolicy
from collector.domain.quiet import Quiet

BERLIN = ZoneInfo("Europe/Berlin")
TEAM = "sync: {every: 7d}"


@pytest.fixture
def told(files):
    """How the team shop is told: `told(team=…, file=…)`, each what stands in its `alerts`."""

    def read(team=None, file=None, more=""):
        krd = files.KRD.replace(TEAM, f"{TEAM}, alerts: {team}") if team else files.KRD
        loaded = files.load(krd=krd + (f"alerts: {file}\n" if file else "") + more)
        assert loaded.findings == ()
        return loaded.required().okrs

    return read


def test_without_a_word_alerts_gather_half_a_minute_and_keep_the_night(told):
    usual = AlertPolicy(
        group_wait=timedelta(seconds=30),
        group_interval=timedelta(minutes=5),
        repeat=timedelta(hours=24),
        quiet=Quiet(BERLIN, time(18), time(8), frozenset(), days_off=True),
    )
    okrs = told()
    assert okrs.teams["shop"].alerts == usual
    assert okrs.alerts == usual


def test_what_the_file_writes_holds_for_every_team(told):
    okrs = told(
        file="{group_wait: 0s, group_interval: 10m, repeat: 2d, quiet: false, severity: {slo_burn: page}}"
    )
    written = AlertPolicy(
        timedelta(0), timedelta(minutes=10), timedelta(days=2), None, {AlertKind.SLO_BURN: Severity.PAGE}
    )
    assert okrs.alerts == written
    assert okrs.teams["shop"].alerts == written


def test_a_teams_own_keys_go_before_those_of_the_file(told):
    okrs = told(team="{repeat: 12h}", file="{group_wait: 1m, repeat: 2d}")
    own, of_file = okrs.teams["shop"].alerts, okrs.alerts
    assert (own.group_wait, own.repeat) == (timedelta(minutes=1), timedelta(hours=12))
    assert (of_file.group_wait, of_file.repeat) == (timedelta(minutes=1), timedelta(days=2))


def test_severities_are_told_kind_by_kind(told):
    okrs = told(team="{severity: {drift: info}}", file="{severity: {drift: page, slo_burn: page}}")
    own = okrs.teams["shop"].alerts
    assert [own.severity(kind) for kind in (AlertKind.DRIFT, AlertKind.SLO_BURN, AlertKind.BREACH)] == [
        Severity.INFO,
        Severity.PAGE,
        Severity.TICKET,
    ]


@pytest.mark.parametrize(
    ("team", "file", "begins", "ends", "days_off"),
    [
        (
            "{quiet: {from: '20:00'}}",
            "{quiet: {until: 09:30, days_off: false}}",
            time(20),
            time(9, 30),
            False,
        ),
        ("{quiet: {from: 20:00}}", "{quiet: false}", time(20), time(8), True),
        ("{quiet: true}", "{quiet: false}", time(18), time(8), True),
        ("{quiet: true}", "{quiet: {from: 17:00}}", time(17), time(8), True),
        ("{quiet: {days_off: false}}", "{quiet: {from: 17:00}}", time(17), time(8), False),
    ],
)
def test_quiet_hours_are_the_teams_and_then_the_files_key_by_key(told, team, file, begins, ends, days_off):
    quiet = told(team=team, file=file).teams["shop"].alerts.quiet
    assert quiet == Quiet(BERLIN, begins, ends, frozenset(), days_off=days_off)


def test_a_team_may_want_to_be_disturbed_where_others_do_not(told):
    okrs = told(team="{quiet: false}")
    assert okrs.teams["shop"].alerts.quiet is None
    assert okrs.alerts.quiet is not None


@pytest.mark.parametrize(
    ("hours", "quiet_at"),
    [
        ("{from: '00:00', until: '07:00'}", {1: True, 6: True, 7: False, 23: False}),
        ("{from: '22:00', until: '00:00'}", {0: False, 12: False, 22: True, 23: True}),
        ("{from: '08:00', until: '08:00'}", {1: False, 8: False, 23: False}),
    ],
)
def test_a_night_begins_before_midnight_or_at_it(told, hours, quiet_at):
    quiet = told(file=f"{{quiet: {hours}}}").alerts.quiet
    a_monday = [datetime(2026, 11, 23, hour, 1, tzinfo=BERLIN) for hour in quiet_at]
    assert [quiet.until(at) is not None for at in a_monday] == list(quiet_at.values())


def test_nights_and_holidays_are_those_of_the_teams_zone(files):
    krd = files.KRD.replace("lead: li,", "lead: li, timezone: Asia/Tokyo,") + "holidays: [2026-11-23]\n"
    okrs = files.load(krd=krd).required().okrs
    quiet = okrs.teams["shop"].alerts.quiet
    assert (quiet.zone, quiet.holidays) == (ZoneInfo("Asia/Tokyo"), {date(2026, 11, 23)})
    assert okrs.alerts.quiet.zone == BERLIN
    assert quiet.until(datetime(2026, 11, 22, 16, tzinfo=UTC)) == datetime(2026, 11, 23, 23, tzinfo=UTC)


def test_a_mistake_of_the_file_is_told_once_and_not_for_each_team(files):
    krd = (
        files.KRD.replace("teams: {", "teams: {pay: {lead: li}, ")
        + "alerts: {group_interval: 1d, repeat: 1h}\n"
    )
    (only,) = files.load(krd=krd).findings
    assert (only.code, only.place.line, only.place.column) == ("KRD607", 9, 38)
    assert only.what == "alerts would be said again after 1h, but messages of a group come at least 24h apart"


def test_a_team_is_blamed_for_the_key_that_does_not_fit_the_files(files):
    krd = files.KRD.replace(TEAM, f"{TEAM}, alerts: {{group_interval: 20h}}") + "alerts: {repeat: 6h}\n"
    assert [(one.code, one.place.line) for one in files.load(krd=krd).findings] == [("KRD607", 4)]


def test_hours_of_team_and_file_make_a_night_together_or_are_refused(files):
    krd = files.KRD.replace(TEAM, f"{TEAM}, alerts: {{quiet: {{from: 06:00}}}}") + (
        "alerts: {quiet: {until: '07:00'}}\n"
    )
    assert [(one.code, one.place.line) for one in files.load(krd=krd).findings] == [("KRD606", 4)]


def test_an_unknown_key_is_told_with_the_nearest(files):
    assert files.findings(krd=files.KRD + "alerts: {qiet: false, quiet: {form: '18:00'}}\n") == [
        "krd.yaml:9:10: error KRD201: the key `qiet` is unknown here; did you mean quiet?",
        "krd.yaml:9:31: error KRD201: the key `form` is unknown here; did you mean from?",
    ]


def test_the_rest_of_a_file_with_a_mistake_is_still_checked_by_its_own_alerts(files):
    krd = (
        files.KRD.replace("lead: li", "lead: lee")
        + "alerts: {group_interval: 1d, repeat: 1h}\nholidays: [x]\n"
    )
    assert [one.code for one in files.load(krd=krd).findings] == ["KRD301", "KRD607", "KRD203"]


def test_a_drift_that_nobody_acknowledged_is_told_to_those_whom_the_team_names(files):
    krd = files.KRD.replace(TEAM, f"{TEAM}, escalate: [terminal]")
    assert files.load(krd=krd).required().okrs.teams["shop"].escalate == ("terminal",)
    assert files.load().required().okrs.teams["shop"].escalate == ()


@pytest.mark.parametrize(
    ("written", "page"),
    [
        ("https://krd.example", "https://krd.example"),
        ("http://127.0.0.1:8750/krd/", "http://127.0.0.1:8750/krd"),
        ('"http://[::1]:8750//"', "http://[::1]:8750"),
    ],
)
def test_links_lead_to_the_page_without_a_slash_at_its_end(files, written, page):
    assert files.load(krd=files.KRD + f"page: {written}\n").required().page == page


def test_without_a_page_there_are_no_links(files):
    assert files.load().required().page == ""


@pytest.mark.parametrize(
    "written",
    ["krd.example", "ftp://krd.example", "https://", "https://krd.example:port", "https://krd.example:0",
     '"https://krd example"', "https://u@krd.example", '"https://krd.example#top"', '"https://[::1"', "[x]", "7"],
)  # fmt: skip
def test_what_is_no_address_of_a_page_is_refused_at_its_place(files, written):
    (only,) = files.load(krd=files.KRD + f"page: {written}\n").errors
    assert (only.code, only.place.line, only.place.column) == ("KRD203", 9, 7)
    assert only.todo == "write it as people open it: https://krd.example"


def test_a_team_whose_alerts_are_wrong_still_has_its_lead(files):
    krd = files.KRD.replace(TEAM, f"{TEAM}, alerts: {{repeat: soon}}")
    assert [(one.code, one.what) for one in files.load(krd=krd).findings] == [
        ("KRD203", "`soon` is not a length of time")
    ]
