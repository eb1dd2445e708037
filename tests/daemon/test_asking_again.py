"""A question that was refused is asked again before a brief, whatever a round finds out meanwhile."""

import threading
from datetime import UTC, datetime, timedelta

from collector.clock import SetClock
from collector.daemon.rounds import AT_ONCE, Rounds
from collector.daemon.tally import Tally
from collector.daemon.watch import Watch

AT = datetime(2025, 11, 12, 10, 2, tzinfo=UTC)


class Answered(dict):
    """Refusals of which one is answered between any two looks at it."""

    def __contains__(self, series):
        return self.pop(series, None) is not None


def rounds():
    return Rounds(None, Watch(()), Tally(AT), SetClock(AT), lambda _: None, threading.Event())


def test_a_refused_question_is_asked_at_its_next_reading_and_stays_counted():
    asking = rounds()
    asking._refusals = {1: (3, AT + timedelta(days=1))}
    asking.ask_again([1, 2])
    assert asking._refusals == {1: (3, AT_ONCE)}


def test_an_answer_that_comes_while_it_is_asked_again_is_no_defect():
    asking = rounds()
    asking._refusals = Answered({1: (3, AT + timedelta(days=1))})
    asking.ask_again([1])
