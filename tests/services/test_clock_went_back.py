"""A clock that went back keeps nobody waiting for the time that it showed before."""

from datetime import timedelta

from collector.domain.announcement import Announcement, Family, Occasion, Severity
from collector.ports.store import LetterState, Posting
from collector.services.tell_of_krd import jumped

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def due_after(desk, at, by):
    """Put in a letter that waits two hours, let the clock jump, and give when it is due then."""
    said = Announcement(
        id="evt_1", kind="drift", family=Family.VALUE, severity=Severity.TICKET, occasion=Occasion.FIRST, subject="a",
        team="shop", title="Off track", sentence="Day 3 of 92.", at=at,
    )  # fmt: skip
    with desk.store.write() as tx:
        tx.enqueue([Posting("ops", said, "drift:shop", wait=2 * HOUR)], at)
        jumped(by)(desk.books.ledger, tx, {}, at + by)
        [letter] = tx.letters([LetterState.DUE])
    return letter.due


def test_what_waits_is_due_as_much_sooner_as_the_clock_went_back(desk, make):
    at = make.midnight(42)
    assert due_after(desk(make.key_result()), at, -DAY) == at - DAY + 2 * HOUR


def test_a_clock_that_went_forwards_changes_nothing_that_waits(desk, make):
    at = make.midnight(42)
    assert due_after(desk(make.key_result()), at, HOUR / 2) == at + 2 * HOUR
