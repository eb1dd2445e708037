"""A draft is worth what its past says as of the last midnight, whenever in the day it was looked at before."""

from datetime import timedelta

from collector.domain.shape import Reach, Typed
from collector.domain.status import Status

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def test_each_closed_day_of_its_past_tells_at_once(desk, make):
    hourly = make.replace(make.daily().every, days=0, real=HOUR)
    binding = make.daily(every=hourly, window=hourly)
    draft = make.key_result(binding, shape=Reach(Typed(100), 80))
    evening = make.midnight(-15) - HOUR
    made = desk(draft, at=evening + MINUTE)
    slots = [evening - n * HOUR for n in range(1, 24 * 20)]
    made.heal({slot: 60 if slot > evening - 23 * HOUR else 100 + slot.day % 3 for slot in slots})
    made.read(evening, 60)
    before = made.account().evaluation
    assert before.status is Status.DRAFT
    assert before.forecast is not None

    for n in (1, 2):  # the reading of midnight is the last one of its day
        made.read(evening + n * HOUR, 60)
    after = made.account().evaluation

    assert after.forecast.p_hit > before.forecast.p_hit
