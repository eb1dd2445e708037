"""What Prometheus scrapes: correct by promtool, true to the board, and silent about what is not known."""

import subprocess
from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from collector import provision
from collector.domain.alert import AlertKind, Condition
from collector.domain.announcement import Severity
from collector.domain.budget import Budget, Burn
from collector.domain.health import Health
from collector.domain.observed import Guarded, Held, Sampling
from collector.domain.outage import SourceStanding
from collector.domain.shape import Slo
from collector.domain.silence import Ack, Silence
from collector.domain.status import Status
from collector.errors import StoreError
from collector.ports.board import Vitals
from collector.ports.store import LetterState
from collector.web.metrics import make_registry

P95 = {"cycle": "2026-Q4", "team": "checkout", "key_result": "checkout/p95-latency"}


@pytest.fixture
def scrape(ask):
    """Scrape, and give `read(name, **labels)`: the values of all samples with this name and these labels."""

    def read(name, **labels):
        families = text_string_to_metric_families(ask("/metrics").text)
        samples = [sample for family in families for sample in family.samples]
        return [
            sample.value
            for sample in samples
            if sample.name == name and labels.items() <= sample.labels.items()
        ]

    return read


@pytest.fixture
def busy(board, at):
    """Let everything on the board have something to tell."""
    board.counts = Vitals(
        started=at - timedelta(hours=1),
        readings=10,
        healed=3,
        gaps={"timeout": 2},
        missed=1,
        rounds={"prod": 7},
        collect_seconds={"prod": 1.5},
        transactions=9,
        write_seconds=0.25,
        last_kept=at,
        waiting=4,
        transitions={"drift:firing": 1},
        sent={"ops:sent": 5, "ops:with:colon:failed": 1},
    )
    board.standings = {
        "prod": SourceStanding(successes=2),
        "warehouse": SourceStanding(failures=3, down=True, since=at - timedelta(minutes=5)),
        "tickets": SourceStanding(),
        "shaky": SourceStanding(failures=1, since=at),
    }
    board.letters = {"ops": {LetterState.SENT: 5}}
    return board


def test_promtool_finds_nothing_to_complain_about(busy, ask, key_result, verdict, unknown, count):
    incidents = key_result(address="checkout/sev1", shape=count, unit="")
    unread = key_result(address="checkout/unread", title='say "hi"\\\n')
    busy.judged += [
        (incidents, verdict(incidents, spent=0.67, target=3.0, level=2.0)),
        (unread, verdict(unread, **unknown)),
        (key_result(address="checkout/nps", binding=None, not_run="by hand comes later"), None),
    ]
    told = subprocess.run(
        [provision.promtool(), "check", "metrics"],
        input=ask("/metrics").text,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")


def test_a_key_result_tells_its_numbers(scrape):
    told = {
        name: scrape(f"krd_key_result_{name}", **P95)
        for name in (
            "level",
            "current",
            "target",
            "baseline",
            "progress_ratio",
            "expected_ratio",
            "hit_probability",
            "landing",
            "coverage_ratio",
            "age_seconds",
        )
    }

    assert told == {
        "level": [580.0],
        "current": [571.5],
        "target": [450.0],
        "baseline": [900.0],
        "progress_ratio": [0.7111],
        "expected_ratio": [0.663],
        "hit_probability": [0.83],
        "landing": [452.0],
        "coverage_ratio": [0.99],
        "age_seconds": [240.0],
    }


def test_a_key_result_tells_both_probabilities_both_ranges_and_the_day_of_its_target(scrape):
    names = ("full_probability", "most_probability", "landing_likely_low", "landing_likely_high",
             "landing_wide_low", "landing_wide_high", "crossing_day")  # fmt: skip

    assert {name: scrape(f"krd_key_result_{name}", **P95) for name in names} == {
        "full_probability": [0.83],
        "most_probability": [0.97],
        "landing_likely_low": [430.0],
        "landing_likely_high": [474.0],
        "landing_wide_low": [398.0],
        "landing_wide_high": [506.0],
        "crossing_day": [89.0],
    }


def test_a_target_that_is_not_there_before_the_close_has_no_day(board, scrape, key_result, verdict):
    late = key_result()
    found = verdict(late)
    board.judged = [(late, replace(found, forecast=replace(found.forecast, crosses=None)))]

    assert scrape("krd_key_result_crossing_day") == []


def test_exactly_one_status_and_one_health_hold(scrape):
    assert scrape("krd_key_result_status", status="on_track") == [1.0]
    assert sum(scrape("krd_key_result_status")) == 1.0
    assert len(scrape("krd_key_result_status")) == len(Status)
    assert scrape("krd_key_result_health", health="fresh") == [1.0]
    assert sum(scrape("krd_key_result_health")) == 1.0
    assert len(scrape("krd_key_result_health")) == len(Health)


def test_an_unknown_number_is_absent_and_not_a_zero(board, scrape, key_result, verdict, unknown):
    unread = key_result()
    board.judged = [(unread, verdict(unread, **unknown))]
    names = ("level", "current", "target", "baseline", "progress_ratio", "expected_ratio", "spent_ratio")
    names += ("exceeded", "hit_probability", "landing", "coverage_ratio", "age_seconds")

    assert {name: scrape(f"krd_key_result_{name}") for name in names} == {name: [] for name in names}
    assert scrape("krd_key_result_health", health="never") == [1.0]


def test_a_measured_zero_is_told(board, scrape, key_result, verdict):
    still = key_result()
    board.judged = [(still, verdict(still, level=0.0, progress=0.0, current=0.0))]

    assert scrape("krd_key_result_level") == [0.0]
    assert scrape("krd_key_result_progress_ratio") == [0.0]


def test_what_is_not_measured_has_its_info_and_nothing_else(board, ask, key_result):
    board.judged = [(key_result(binding=None, not_run="by hand comes later"), None)]
    lines = [line for line in ask("/metrics").text.splitlines() if line.startswith("krd_key_result")]

    assert len(lines) == 1
    assert lines[0].startswith("krd_key_result_info{")
    assert 'measured="no"' in lines[0]


def test_more_used_than_allowed_is_told_without_a_share(board, scrape, key_result, verdict, count):
    broken = key_result(shape=count)
    board.judged = [(broken, verdict(broken, spent=None, exceeded=True, progress=None))]

    assert scrape("krd_key_result_exceeded") == [1.0]
    assert scrape("krd_key_result_spent_ratio") == []


def test_the_daemon_tells_its_counts(busy, scrape, at):
    assert scrape("krd_ready") == [1.0]
    assert scrape("krd_readings_total") == [10.0]
    assert scrape("krd_readings_healed_total") == [3.0]
    assert scrape("krd_gaps_total", reason="timeout") == [2.0]
    assert scrape("krd_gaps_total", reason="auth") == [0.0]
    assert scrape("krd_slots_missed_total") == [1.0]
    assert scrape("krd_rounds_total", source="prod") == [7.0]
    assert scrape("krd_rounds_total", source="tickets") == [0.0]
    assert scrape("krd_collect_seconds_total", source="prod") == [1.5]
    assert scrape("krd_transactions_total") == [9.0]
    assert scrape("krd_write_seconds_total") == [0.25]
    assert scrape("krd_writes_waiting") == [4.0]
    assert scrape("krd_last_kept_timestamp_seconds") == [at.timestamp()]
    assert scrape("krd_alert_transitions_total", kind="drift", state="firing") == [1.0]
    assert scrape("krd_sendings_total", notifier="ops", result="sent") == [5.0]
    assert scrape("krd_sendings_total", notifier="ops:with:colon", result="failed") == [1.0]
    assert scrape("krd_letters", notifier="ops", state="sent") == [5.0]
    assert scrape("krd_letters", notifier="ops", state="dead") == [0.0]


def test_a_source_is_up_down_or_not_known(busy, scrape):
    assert scrape("krd_source_up", source="prod") == [1.0]
    assert scrape("krd_source_up", source="warehouse") == [0.0]
    assert scrape("krd_source_up", source="tickets") == []
    assert scrape("krd_source_up", source="shaky") == []
    assert scrape("krd_source_failing_rounds", source="shaky") == [1.0]


def test_before_anything_was_kept_no_time_of_keeping_is_told(scrape):
    assert scrape("krd_last_kept_timestamp_seconds") == []
    assert scrape("krd_store_writable") == []


def test_a_store_that_cannot_be_read_costs_nobody_the_rest(busy, scrape):
    busy.trouble = StoreError("the database is locked")

    assert scrape("krd_store_readable") == [0.0]
    assert scrape("krd_letters") == []
    assert scrape("krd_alerts_open") == []
    assert scrape("krd_notifier_failing") == []
    assert scrape("krd_key_result_level") == [580.0]


def test_open_alerts_are_counted_by_what_they_are_and_whose(stored, happen, scrape):
    happen()
    happen(subject="2026-Q4:checkout/other")
    happen(subject="2026-Q4:payments/refunds", severity=Severity.PAGE)
    happen(kind=AlertKind.SOURCE_DOWN, subject="prod")
    happen(kind=AlertKind.BREACH)
    happen(Condition.CLEAR, kind=AlertKind.BREACH)

    assert scrape("krd_alerts_open", kind="drift", severity="ticket", team="checkout") == [2.0]
    assert scrape("krd_alerts_open", kind="drift", severity="page", team="payments") == [1.0]
    assert scrape("krd_alerts_open", kind="source_down", team="") == [1.0]
    assert sum(scrape("krd_alerts_open", state="active")) == sum(scrape("krd_alerts_open")) == 4.0


def test_an_alert_is_counted_once_by_what_lies_over_it(stored, store, happen, scrape, at):
    acked = [happen(subject=f"2026-Q4:checkout/{name}").alert for name in ("p95-latency", "both", "only")]
    with store.write() as tx:
        for alert in acked[1:]:
            tx.put_ack(Ack(alert.fingerprint, alert.episode, alert.severity, at, "Li"))
        ends = at + timedelta(hours=1)
        tx.add_silence(Silence("checkout", "checkout/both", at - timedelta(hours=1), ends, "maria", "freeze"))
    happen(kind=AlertKind.STALE)
    happen(kind=AlertKind.SOURCE_DOWN, subject="prod")
    told = {
        state: sum(scrape("krd_alerts_open", state=state))
        for state in ("active", "acked", "silenced", "inhibited")
    }

    assert told == {"active": 2.0, "acked": 1.0, "silenced": 1.0, "inhibited": 1.0}


def test_a_notifier_that_fails_is_told_and_one_that_delivers_is_a_zero(stored, happen, scrape):
    stored.off = {"ops": False, "pager": True}
    happen(kind=AlertKind.SINK_FAILING, subject="pager")
    assert scrape("krd_notifier_disabled") == [0.0, 1.0]

    assert scrape("krd_notifier_failing", notifier="ops") == [0.0]
    assert scrape("krd_notifier_failing", notifier="pager") == [1.0]
    happen(Condition.CLEAR, kind=AlertKind.SINK_FAILING, subject="pager")
    assert scrape("krd_notifier_failing") == [0.0, 0.0]


def test_readers_of_the_stream_are_counted_where_there_is_one(board):
    assert make_registry(board, lambda: 3).get_sample_value("krd_stream_readers") == 3.0
    assert make_registry(board).get_sample_value("krd_stream_readers") is None


def test_a_server_counts_who_reads_its_stream(stored, scrape, stage):
    assert scrape("krd_stream_readers") == [0.0]


def test_promtool_likes_alerts_of_all_kinds(stored, happen, ask):
    for kind in AlertKind:
        happen(kind=kind, subject=f"2026-Q4:checkout/{kind.value}")
    told = subprocess.run(
        [provision.promtool(), "check", "metrics"],
        input=ask("/metrics").text,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")


def test_a_store_that_refuses_to_write_is_told(board, scrape, at):
    board.counts = Vitals(started=at, store_trouble="the disk is full")

    assert scrape("krd_store_writable") == [0.0]


def test_the_process_is_told_too(scrape):
    assert scrape("process_resident_memory_bytes")[0] > 1_000_000
    assert len(scrape("krd_build_info")) == 1


def test_openmetrics_is_given_to_whom_asks_for_it(ask):
    answer = ask("/metrics", accept="application/openmetrics-text;version=1.0.0")

    assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert answer.text.endswith("# EOF\n")


def test_a_hostile_title_stays_inside_its_label(board, scrape, key_result, verdict):
    title = 'x"} 1\nkrd_ready 0 # \\'
    hostile = key_result(title=title)
    board.judged = [(hostile, verdict(hostile))]

    assert scrape("krd_ready") == [1.0]
    assert scrape("krd_key_result_info", title='x"} 1\\nkrd_ready 0 # \\') == [1.0]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_absent(board, scrape, key_result, verdict, value):
    odd = key_result()
    board.judged = [(odd, verdict(odd, level=value, sentence="odd"))]

    assert scrape("krd_key_result_level") == []


def burn(hours, minutes, rate, short_rate, threshold):
    return Burn(timedelta(hours=hours), timedelta(minutes=minutes), rate, short_rate, threshold)


@pytest.fixture
def burning(board, key_result, verdict):
    """An slo whose budget burns; the slow windows are not measured yet."""
    promise = key_result(shape=Slo(99.95))
    burns = (burn(1, 5, 50.0, 60.0, 44.2), burn(6, 30, 9.0, 8.0, 18.4), burn(72, 360, None, 9.0, 3.1))
    budget = Budget(41.0, 100.0, exhausts="9 Dec", burns=burns)
    board.judged = [(promise, verdict(promise, spent=0.41, budget=budget, progress=None, score=1.0))]
    return board


def test_a_budget_tells_what_is_used_and_allowed(burning, scrape):
    assert scrape("krd_key_result_spent_ratio") == [0.41]
    assert scrape("krd_key_result_budget_used") == [41.0]
    assert scrape("krd_key_result_budget_allowed") == [100.0]
    assert scrape("krd_key_result_budget_lost") == [0.0]
    assert scrape("krd_key_result_score") == [1.0]


def test_burn_rates_are_told_by_window_and_an_unmeasured_one_is_absent(burning, scrape):
    rates = {one: scrape("krd_key_result_burn_rate", window=one) for one in ("1h", "5m", "6h", "30m", "72h")}

    assert rates == {"1h": [50.0], "5m": [60.0], "6h": [9.0], "30m": [8.0], "72h": []}
    assert scrape("krd_key_result_burn_rate_threshold", window="72h") == [3.1]
    assert len(scrape("krd_key_result_burn_rate_threshold")) == 3


def test_a_window_of_two_pairs_is_told_once(board, key_result, verdict, ask):
    promise = key_result(shape=Slo(99.95))
    budget = Budget(1.0, 9.0, burns=(burn(24, 1440, 2.0, 2.0, 4.5), burn(72, 1440, 1.0, 2.0, 3.0)))
    board.judged = [(promise, verdict(promise, spent=0.1, budget=budget))]
    lines = [one for one in ask("/metrics").text.splitlines() if one.startswith("krd_key_result_burn_rate{")]

    assert len(lines) == 2


def test_windows_shorter_than_a_second_have_names_of_their_own(board, key_result, verdict, scrape):
    promise = key_result(shape=Slo(99.95))
    short = Burn(timedelta(seconds=2.5), timedelta(milliseconds=208), 1.5, 0.5, 43.0)
    board.judged = [(promise, verdict(promise, spent=0.1, budget=Budget(1.0, 9.0, burns=(short,))))]

    assert scrape("krd_key_result_burn_rate", window="2500ms") == [1.5]
    assert scrape("krd_key_result_burn_rate", window="208ms") == [0.5]


def test_guardrails_are_told_by_name_and_one_never_read_has_no_value(board, key_result, verdict, scrape):
    promise = key_result()
    said = (
        Guarded("refunds", "refunds stay low", 3.1, Health.FRESH, breached=True),
        Guarded("load", "load stays low", 0.0, Health.STALE, breached=False),
        Guarded("unread", "never read", None, Health.NEVER, breached=False),
    )
    board.judged = [(promise, verdict(promise, guardrails=said))]
    told = {
        name: [scrape(f"krd_key_result_guardrail_{name}", guardrail=one.id) for one in said]
        for name in ("breached", "value", "trusted")
    }

    assert told == {
        "breached": [[1.0], [0.0], []],
        "value": [[3.1], [0.0], []],
        "trusted": [[1.0], [0.0], [0.0]],
    }


def test_what_is_held_and_how_large_a_sample_is_are_told(board, key_result, verdict, scrape, at):
    promise = key_result()
    held, sampling = Held(2, 9e4, at, "a jump by x100"), Sampling(84.0, 20.0, 40.0, distinguishable=False)
    board.judged = [(promise, verdict(promise, held=held, sampling=sampling, score=0.62, first_score=0.41))]

    assert scrape("krd_key_result_held_readings") == [2.0]
    assert scrape("krd_key_result_sample_size") == [84.0]
    assert scrape("krd_key_result_distinguishable") == [0.0]
    assert scrape("krd_key_result_first_score") == [0.41]


def test_what_has_no_budget_and_no_sample_tells_none(scrape):
    names = ("budget_used", "budget_allowed", "budget_lost", "sample_size", "distinguishable", "first_score")
    names += ("score", "burn_rate", "burn_rate_threshold", "guardrail_value", "guardrail_breached")

    assert {name: scrape(f"krd_key_result_{name}") for name in names} == {name: [] for name in names}
    assert scrape("krd_key_result_held_readings") == [0.0]


def test_what_a_person_enters_is_marked_in_its_info(board, key_result, verdict, by_hand, scrape):
    promise = key_result(binding=by_hand)
    board.judged = [(promise, verdict(promise))]

    assert scrape("krd_key_result_info", by_hand="yes") == [1.0]


def test_promtool_likes_budgets_guardrails_and_burn_rates(burning, ask, key_result, verdict):
    guarded = key_result(address="checkout/guarded")
    said = (Guarded('odd "name"', "odd", 1.0, Health.FRESH, breached=False),)
    burning.judged.append((guarded, verdict(guarded, guardrails=said)))
    told = subprocess.run(
        [provision.promtool(), "check", "metrics"],
        input=ask("/metrics").text,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")
