"""krd's own downtime is not the source's: it says nothing about data it did not look for."""

from datetime import timedelta

HOUR = timedelta(hours=1)


def test_a_restart_after_a_long_pause_tells_nobody_that_data_is_stale(house, prom, receiver):
    server = prom()
    house.write(
        sources={"prod": f"{{kind: prometheus, url: '{server.url}', timeout: PT5S}}"},
        key_results={f"kr-{n}": f"{{source: prod, query: vector({n}), every: 15m}}" for n in range(4)},
        notify=f"{{hook: {{kind: webhook, url: '{receiver.url}'}}}}",
    )
    house.start()
    house.step(times=3)
    house.stop()
    house.clock.advance(30 * HOUR)
    house.start()
    house.step(times=2)

    assert receiver.said("stale") == []


def test_passes_far_apart_tell_nobody_that_data_is_stale(house, prom, receiver):
    server = prom()
    house.write(
        sources={"prod": f"{{kind: prometheus, url: '{server.url}', timeout: PT5S}}"},
        key_results={"one": "{source: prod, query: vector(1), every: 15m}"},
        notify=f"{{hook: {{kind: webhook, url: '{receiver.url}'}}}}",
    )
    for _ in range(3):
        house.once()
        house.clock.advance(8 * HOUR)

    assert receiver.said("stale") == []
