"""Implausible readings: stored, not used, until two more agree or a person decides."""

from collector.domain.alert import AlertKind, AlertState
from collector.domain.sample import SampleState


def filled(desk, make, *values, **more):
    """Open a desk whose days 30, 31, … read these values."""
    made = desk(make.key_result(make.daily(**more)), at=make.midnight(29))
    for day, value in enumerate(values, start=30):
        made.read(make.midnight(day), value)
    return made


def alert(desk):
    return desk.books.ledger.alert(AlertKind.IMPLAUSIBLE, "2026-Q4:shop/one").state


def test_a_held_reading_is_stored_and_moves_nothing(desk, make):
    made = filled(desk, make, 500, 510, 51_000)
    stored = made.stored()[make.midnight(32)]
    assert (stored.value, stored.state) == (51_000, SampleState.HELD)
    assert "did a unit change?" in stored.evidence["held_because"]
    current = made.current()
    assert (current.value, current.slot, current.held) == (510, make.midnight(31), 1)
    assert current.covered == make.midnight(32)
    assert made.day(32) is None


def test_a_verdict_says_what_is_held(desk, make):
    made = filled(desk, make, 500, 510, 0)
    held = made.account().evaluation.held
    assert (held.count, held.value, held.slot) == (1, 0, make.midnight(32))
    assert "comes suddenly" in held.why


def test_two_further_readings_confirm_and_all_of_them_count(desk, make):
    made = filled(desk, make, 500, 510, 51_000, 51_500, 50_500)
    assert {state for _, state in made.values().values()} == {"used"}
    assert made.current().held == 0
    assert made.current().value == 50_500
    made.read(make.midnight(35), 51_000)
    assert [made.day(day) for day in (32, 33)] == [51_000, 51_500]
    assert made.account().holding == []


def test_a_plausible_reading_leaves_the_held_one_to_a_person(desk, make):
    made = filled(desk, make, 500, 510, 51_000, 505)
    assert made.values()[32] == (51_000, "held")
    assert (made.current().held, made.current().value) == (0, 505)
    assert made.account().evaluation.held.count == 1
    made.open()
    assert made.account().evaluation.held.count == 1


def test_a_row_is_remembered_over_a_restart(desk, make):
    made = filled(desk, make, 500, 510, 51_000, 51_500)
    made.open()
    made.read(make.midnight(34), 50_500)
    assert made.values()[32] == (51_000, "used")


def test_the_owner_of_a_daily_series_is_told_at_once(desk, make):
    made = filled(desk, make, 500, 510)
    assert alert(made) is AlertState.INACTIVE
    made.read(make.midnight(32), 51_000)
    assert alert(made) is AlertState.FIRING
    made.read(make.midnight(33), 505)
    assert alert(made) is AlertState.RESOLVED


def test_a_quick_series_speaks_when_a_second_reading_is_held(desk, make):
    hour = make.replace(make.day, days=0, real=make.day.nominal(make.cycle.grid.length) / 24)
    made = desk(make.key_result(make.daily(every=hour, window=hour)))
    start = make.midnight(29)
    slots = [start + n * hour.real for n in range(1, 5)]
    for slot, value in zip(slots[:3], (500, 510, 51_000), strict=True):
        made.read(slot, value)
    assert alert(made) is AlertState.PENDING
    made.read(slots[3], 51_000)
    assert alert(made) is AlertState.FIRING


def test_a_reading_out_of_its_authors_bounds_is_held(desk, make):
    made = filled(desk, make, 500, 700, plausible=(1, 600))
    assert made.values()[31] == (700, "held")


def test_the_same_slot_twice_does_not_make_a_held_reading_count(desk, make):
    made = filled(desk, make, 500, 51_000)
    made.read(make.midnight(31), 51_000)
    assert made.current().value == 500
    assert len(made.account().holding) == 1


def test_healed_readings_are_judged_in_the_order_of_their_slots(desk, make):
    made = desk(make.key_result())
    made.heal({make.midnight(day): 50_000 if day == 30 else 500 + day for day in range(20, 40)})
    assert made.values()[30] == (50_000, "held")
    assert made.current().held == 0
    assert made.day(30) is None


def test_healed_readings_confirm_each_other(desk, make):
    made = desk(make.key_result())
    made.heal({make.midnight(day): 50_000 if day >= 37 else 500 + day for day in range(20, 40)})
    assert {state for _, state in made.values().values()} == {"used"}
    assert made.current().value == 50_000


def test_what_a_series_does_again_and_again_is_not_strange_in_its_past(desk, make):
    made = desk(make.key_result())
    made.heal({make.midnight(day): 0 if day % 7 == 0 else 3 for day in range(-20, 40)})
    assert {state for _, state in made.values().values()} == {"used"}


def test_a_row_that_began_healed_is_confirmed_live(desk, make):
    made = desk(make.key_result())
    made.heal({make.midnight(day): 50_000 if day >= 38 else 500 + day for day in range(20, 40)})
    assert made.current().held == 2
    made.read(make.midnight(40), 50_500)
    assert made.values()[38] == (50_000, "used")
    assert made.day(39) == 50_000
