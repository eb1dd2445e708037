"""What alerts come to in hindsight: how early, how often, and how often rightly."""

from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from collector.domain.drift_policy import DriftPolicy
from collector.domain.figures import Numbers
from collector.domain.hindsight import USUAL, Alarm, Hindsight, tally
from collector.domain.replay import PlayedDay
from collector.domain.status import Drift, Status

WEEK = 7


@dataclass
class Written:
    """A replay whose days are written: `.` is fine, `#` is off track, `!` off track with its budget lost."""

    text: str
    length: int

    @property
    def past(self):
        return SimpleNamespace(key_result=SimpleNamespace(days=self.length))

    def by(self, policy):
        return [
            PlayedDay(
                day,
                None,
                Numbers(closed=day + 1, exceeded=mark in "!x"),
                Drift(status=Status.OFF_TRACK if mark in "#!" else Status.ON_TRACK),
                Status.ON_TRACK,
            )
            for day, mark in enumerate(self.text)
        ]


def seen(text, kept=None, length=91):
    return Hindsight(Written(text, length), DriftPolicy(), kept)


def test_an_alert_lasts_from_the_day_it_was_raised_to_the_day_it_ended():
    assert seen("..###..#.").alarms == (Alarm(2, 5), Alarm(7, 8))


def test_an_alert_that_never_ended_is_on():
    assert seen("..##").alarms == (Alarm(2, None),)
    assert (seen("..##").on, seen("..#.").on) == (True, False)


def test_a_flap_is_an_alert_that_came_back():
    assert [seen(text).flaps for text in ("....", ".##.", ".#.#", "#.#.#")] == [0, 0, 1, 2]


def test_the_weeks_before_the_close_count_from_the_close_of_the_day():
    one = seen("." * 41 + "#" * 50)

    assert one.before_close(one.alarms[0]) == 7.0


def test_a_reach_is_missed_at_its_close():
    one = seen("." * 41 + "#" * 50, kept=False)

    assert (one.missed_on, one.before_miss(one.alarms[0]), one.lead) == (90, 7.0, 7.0)


def test_a_budget_is_missed_on_the_day_it_was_lost_for_good():
    one = seen("." * 20 + "x" + "#" * 28 + "!" * 42, kept=False)

    assert (one.lost, one.missed_on) == (49, 49)
    assert one.before_miss(one.alarms[0]) == 4.0


def test_who_is_told_after_a_budget_was_lost_has_no_lead():
    one = seen("." * 20 + "x" * 3 + "!" * 68, kept=False)

    assert (one.before_miss(one.alarms[0]) < 0, one.lead) == (True, 0.0)


def test_nothing_is_missed_before_it_is_known():
    one = seen("." * 20 + "#" * 20)

    assert (one.missed_on, one.before_miss(one.alarms[0])) == (None, None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("." * 83 + "#" * 8, True),
        ("." * 84 + "#" * 7, False),
        ("#" * 84 + "." * 7, True),
        ("#" * 83 + "." * 8, False),
    ],
)
def test_a_miss_is_told_of_by_the_alert_that_is_on_a_week_before_the_close_of_a_quarter(text, told):
    assert (seen(text, kept=False).telling is not None) == told


def test_the_lead_is_that_of_the_alert_that_told_and_not_of_one_before_it():
    one = seen("." * 20 + "#" * 10 + "." * 32 + "#" * 29, kept=False)

    assert one.lead == 4.0


def test_precision_and_recall_are_of_key_results_and_false_alarms_of_alerts():
    found = tally([
        seen("." * 41 + "#" * 50, kept=False),
        seen("." * 91, kept=False),
        seen("." * 10 + "#" * 9 + "." * 10 + "#" * 9 + "." * 53, kept=True),
        seen("." * 91, kept=True),
    ])  # fmt: skip

    assert (found.missed, found.kept, found.undecided) == (2, 2, 0)
    assert (found.precision, found.recall, found.notice) == (0.5, 0.5, 0.5)
    assert (found.false_alarms, found.flaps, found.lead) == (0.5, 0.25, 3.5)


def test_what_is_open_is_counted_apart_and_enters_no_share():
    found = tally([seen("..##"), seen("...."), seen("#...")])

    assert (found.undecided, found.on, found.alerts, found.alerted) == (3, 1, 2, 2)
    assert (found.precision, found.recall, found.lead, found.false_alarms, found.flaps) == (None,) * 5


def test_of_nothing_nothing_is_a_share():
    found = tally([])

    assert (found.precision, found.recall, found.earliest, found.flaps) == (None,) * 4


def test_the_usual_lines_speak_more_from_one_to_the_next():
    assert [one.off_track for one in USUAL] == sorted(one.off_track for one in USUAL)
    assert all(one.off_track < one.on_track for one in USUAL)
