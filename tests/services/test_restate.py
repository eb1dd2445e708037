"""Late rows: read again once a day, restated with both times kept, and never overruled by rows that vanished."""

from datetime import timedelta

import pytest

from collector.domain.measure import WholeCycle
from collector.domain.sample import Origin, SampleState
from collector.domain.shape import Total
from collector.domain.span import Span
from collector.services.restate import reread, to_reread
from connectors.api import ErrorKind, Failure

HOUR = timedelta(hours=1)
THREE_DAYS = Span(days=3)


@pytest.fixture
def late(desk, make):
    """Give `open_(values, **binding)`: days 30, 31, … were read live, each an hour after its end; and the source."""

    def open_(*values, shape=None, **more):
        binding = make.daily(settle=THREE_DAYS, **more)
        key_result = make.key_result(binding) if shape is None else make.key_result(binding, shape=shape)
        made = desk(key_result, at=make.midnight(29))
        made.nothing_before()
        source = make.source()
        for day, value in enumerate(values, start=30):
            made.clock.set(make.midnight(day) + HOUR)
            made.read(make.midnight(day), value)
            source.known[make.midnight(day)] = value
        return made, source

    return open_


def go_over(desk, source):
    """Ask again for what is due at the desk's time; gives the slots that were asked."""
    source.asked.clear()
    at = desk.clock.now()
    for stretch in to_reread(desk.books.ledger.accounts.values(), at):
        failed = reread(
            source.open, stretch, desk.clock, lambda found: desk.books.keep(at, reread=[found], standings={})
        )
        assert failed is None or isinstance(failed, Failure)
    return list(source.asked)


def test_another_number_takes_the_place_and_both_are_kept_with_both_times(late, make):
    desk, source = late(500, 510, 520)
    first = desk.stored()[make.midnight(32)]
    source.known[make.midnight(32)] = 540
    desk.clock.advance(HOUR)
    go_over(desk, source)
    now = desk.stored()[make.midnight(32)]
    assert (now.value, now.origin, now.recorded_at) == (540, Origin.RESTATED, desk.clock.now())
    (kept,) = desk.replaced()
    assert (kept.was.value, kept.was.recorded_at, kept.now.value) == (520, first.recorded_at, 540)
    assert (kept.at, kept.why) == (desk.clock.now(), "late rows")


def test_the_day_and_the_newest_facts_follow(late, make):
    desk, source = late(500, 510, 520)
    source.known |= {make.midnight(31): 515, make.midnight(32): 540}
    go_over(desk, source)
    assert [desk.day(day) for day in (30, 31, 32)] == [500, 515, 540]
    assert (desk.current().value, desk.current().slot) == (540, make.midnight(32))


def test_the_same_number_again_restates_nothing(late, make):
    desk, source = late(0.1 + 0.2, 510)
    source.known[make.midnight(30)] = 0.3
    go_over(desk, source)
    assert desk.replaced() == []


def test_a_series_is_gone_over_once_a_day(late, make):
    desk, source = late(500, 510, 520)
    assert go_over(desk, source) == [make.midnight(day) for day in (29, 30, 31, 32)]
    desk.clock.advance(10 * HOUR)
    assert go_over(desk, source) == []
    desk.clock.set(make.midnight(33) + HOUR)
    assert go_over(desk, source) == [make.midnight(day) for day in (30, 31, 32)]


def test_slots_that_have_settled_are_final(late, make):
    desk, source = late(500, 510, 520)
    desk.clock.set(make.midnight(34) + HOUR)
    go_over(desk, source)
    assert desk.current().settled == make.midnight(31) + HOUR
    source.known[make.midnight(30)] = 999
    desk.clock.set(make.midnight(35) + HOUR)
    assert go_over(desk, source) == [make.midnight(32)]


def test_what_was_not_final_before_a_pause_is_asked_again_after_it(late, make):
    desk, source = late(500, 510, 520)
    go_over(desk, source)
    desk.clock.set(make.midnight(50))
    assert make.midnight(31) in go_over(desk, source)


def test_a_gap_that_has_rows_now_becomes_a_number(late, make):
    desk, source = late(500, None, 520)
    source.known[make.midnight(31)] = 515
    go_over(desk, source)
    assert desk.values()[31] == (515, "used")
    assert desk.day(31) == 515


def test_a_number_whose_rows_vanished_stays(late, make, capsys):
    desk, source = late(500, 510, 520)
    del source.known[make.midnight(31)]
    go_over(desk, source)
    assert desk.values()[31] == (510, "used")


def test_a_failure_ends_the_pass_and_the_next_one_begins_where_it_did(late, make):
    desk, source = late(500, 510, 520)
    source.known[make.midnight(31)] = Failure(ErrorKind.TRANSIENT, "cut")
    go_over(desk, source)
    assert desk.current().restated is None
    source.known |= {make.midnight(31): 511}
    go_over(desk, source)
    assert desk.values()[31] == (511, "used")


def test_a_count_that_falls_is_a_restatement_and_no_reset(late, make):
    desk, source = late(3, 5, 6, window=WholeCycle(), shape=Total(at_most=10))
    source.known[make.midnight(32)] = 4
    go_over(desk, source)
    assert desk.day(32) == 4
    assert desk.account().evaluation.current == 4


def test_what_a_person_discarded_is_not_restated(late, make):
    desk, source = late(500, 510, 51_000)
    with desk.store.write() as tx:
        tx.set_state(desk.account().series, [make.midnight(32)], SampleState.DISCARDED)
    source.known[make.midnight(32)] = 520
    go_over(desk, source)
    assert desk.values()[32] == (51_000, "discarded")


def test_a_held_reading_counts_once_late_rows_make_it_plausible(late, make):
    desk, source = late(500, 510, 0)
    assert desk.values()[32] == (0, "held")
    source.known[make.midnight(32)] = 520
    go_over(desk, source)
    assert desk.values()[32] == (520, "used")
    assert (desk.current().value, desk.current().held) == (520, 0)
    assert desk.account().evaluation.held is None


def test_what_its_author_calls_implausible_replaces_nothing(late, make):
    desk, source = late(500, 510, plausible=(1, 600))
    source.known[make.midnight(31)] = 5_000
    go_over(desk, source)
    assert desk.values()[31] == (510, "used")


def test_closed_days_are_judged_anew(late, make):
    desk, source = late(*(500 - 5 * n for n in range(12)))
    before = desk.account().evaluation
    source.known |= {make.midnight(day): 900 for day in range(39, 42)}
    go_over(desk, source)
    after = desk.account().evaluation
    assert after.level > before.level
    assert after.day == before.day


def test_a_last_pass_comes_when_the_rows_of_the_last_day_have_settled(late, make):
    desk, source = late(*(500 - n for n in range(62)))
    desk.clock.set(make.cycle.ends + timedelta(days=2, hours=1))
    go_over(desk, source)
    desk.clock.set(make.cycle.ends + timedelta(days=3))
    assert make.midnight(91) in go_over(desk, source)
    assert desk.current().settled >= make.midnight(91)
    desk.clock.advance(timedelta(days=2))
    assert go_over(desk, source) == []


@pytest.fixture
def emptied(late, make):
    """Give a desk whose rows of days 31 and 32 are gone for a while: its source counts none; and `again()`: the next pass."""
    desk, source = late(500, 510, 520)
    go_over(desk, source)
    source.known |= {make.midnight(31): 0, make.midnight(32): 0}

    def again():
        desk.clock.advance(timedelta(days=1))
        source.known[make.midnight(desk.clock.now().day)] = None
        return go_over(desk, source)

    return desk, source, again


def test_a_sudden_zero_replaces_nothing_at_first(emptied, make, capsys):
    desk, _, again = emptied
    assert make.midnight(32) in again()
    assert [desk.values()[day] for day in (31, 32)] == [(510, "used"), (520, "used")]
    assert [desk.day(day) for day in (31, 32)] == [510, 520]
    assert desk.stored()[make.midnight(32)].evidence["asked_again"]["value"] == 0


def test_a_sudden_zero_that_the_next_pass_finds_too_is_the_truth(emptied):
    desk, _, again = emptied
    again()
    again()
    assert [desk.values()[day] for day in (31, 32)] == [(0, "used"), (0, "used")]
    assert [desk.day(day) for day in (31, 32)] == [0, 0]


def test_a_number_that_came_back_is_no_longer_doubted(emptied, make):
    desk, source, again = emptied
    again()
    source.known |= {make.midnight(31): 510, make.midnight(32): 520}
    again()
    assert desk.stored()[make.midnight(32)].evidence == {}
    source.known[make.midnight(32)] = 0
    go_over(desk, source)
    assert desk.values()[32] == (520, "used")


def test_a_pass_that_begins_anew_within_minutes_confirms_nothing(emptied, make):
    desk, source, _ = emptied
    source.known[make.midnight(33)] = Failure(ErrorKind.TRANSIENT, "cut")
    desk.clock.set(make.midnight(33) + HOUR)
    desk.read(make.midnight(33), 530)
    for _ in range(3):
        desk.clock.advance(timedelta(minutes=5))
        assert make.midnight(32) in go_over(desk, source)
    assert [desk.values()[day] for day in (31, 32)] == [(510, "used"), (520, "used")]


def test_a_jump_by_a_unit_replaces_nothing_at_first(late, make):
    desk, source = late(500, 510, 520)
    source.known[make.midnight(31)] = 0.51
    go_over(desk, source)
    assert desk.values()[31] == (510, "used")
