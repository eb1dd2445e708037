"""What may be asked again is asked again within its slot; what may not is asked once; and the total time is bounded."""

import itertools
import json
import time
from datetime import timedelta
from urllib.parse import parse_qs

import pytest

from connectors.testing import FaultServer
from connectors.testing.fault_server import response

SECOND = timedelta(seconds=1)


def number_at(received):
    """Answer 60 the way Prometheus does."""
    at = float(parse_qs(received.body.decode())["time"][0])
    result = {"resultType": "vector", "result": [{"metric": {}, "value": [at, "60"]}]}
    return response("200 OK", json.dumps({"status": "success", "data": result}).encode())


@pytest.fixture
def asked_once(house):
    """Give `ask(answers, timeout)`: one pass over one key result whose source answers so, in order; the requests made."""

    def ask(answers, timeout="PT3S"):
        answers = iter(answers)

        def reply(received):
            """The past is not what is tested here: it is not there."""
            return (
                status("404 Not Found")(received) if "range" in received.target else next(answers)(received)
            )

        server = FaultServer("ok", reply)
        with server:
            house.write(
                sources={"prod": f"{{kind: prometheus, url: '{server.url}', timeout: {timeout}}}"},
                key_results={"one": "{source: prod, every: 1s, query: vector(60)}"},
                cycle="lab",
                cycles="[{id: lab, starts: first run, days: 100, day: 60s}]",
            )
            house.once()  # a first pass, so that only the slot at hand is left to be read
            server.requests.clear()
            house.clock.advance(SECOND)
            house.once()
        return [received for received in server.requests if "range" not in received.target]

    return ask


def status(text):
    return lambda _: response(text, b"{}")


def test_503_once_and_then_a_number_is_a_reading_after_exactly_two_requests(house, asked_once):
    good = itertools.repeat(number_at)
    requests = asked_once(itertools.chain([number_at, status("503 Busy")], good))
    live = [(slot, value) for slot, value, origin in house.samples("one") if origin == "live"]
    assert len(requests) == 2
    assert (house.clock.now(), 60.0) == live[-1]


def test_a_source_that_stays_ill_is_asked_three_times_and_no_more(house, asked_once):
    requests = asked_once(itertools.chain([number_at], itertools.repeat(status("500 Boom"))))
    assert len(requests) == 3
    assert house.gaps("one")[-1][1] == "transient"


def test_a_source_that_names_a_time_is_not_pressed_before_it(house, asked_once):
    def busy(_):
        return response("503 Busy", b"", {"Retry-After": "7"})

    requests = asked_once(itertools.chain([number_at], itertools.repeat(busy)))
    assert len(requests) == 1


def test_a_refused_question_is_asked_once(house, asked_once):
    def refused(_):
        return response("400 Bad Request", b'{"status":"error","errorType":"bad_data","error":"no"}')

    requests = asked_once(itertools.chain([number_at], itertools.repeat(refused)))
    assert len(requests) == 1
    assert house.gaps("one")[-1][1] == "bad_query"


def test_all_tries_together_keep_the_deadline_of_the_source(house, asked_once):
    def slow(_):
        time.sleep(0.5)
        return response("500 Boom", b"{}")

    answers = itertools.chain([number_at], itertools.repeat(slow))
    began = time.monotonic()
    asked_once(answers, timeout="PT0.8S")
    assert time.monotonic() - began < 5
    assert house.gaps("one")[-1][1] in ("timeout", "transient")
