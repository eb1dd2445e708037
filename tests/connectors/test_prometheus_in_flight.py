"""Many requests under one deadline: what stops the asking, what does not spoil what, and what is never left out."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from urllib.parse import parse_qs

from connectors.api import ErrorKind, Failure
from connectors.testing.fault_server import canned, response

SECOND = timedelta(seconds=1)


def vector(*marks):
    result = [{"metric": {"__krd": mark} if mark else {}, "value": [0, "1"]} for mark in marks]
    return {"status": "success", "data": {"resultType": "vector", "result": result}}


def test_a_refused_token_is_not_tried_twenty_times(against, ask):
    server, connector = against(canned({}, "401 Unauthorized"), batch=5)

    found = dict(connector.fetch([ask(f"sum(a{n})", key=str(n)) for n in range(100)], SECOND * 5))

    assert {outcome.kind for outcome in found.values()} == {ErrorKind.AUTH}
    assert len(found) == 100
    assert len(server.requests) <= 3


def test_a_wrong_path_does_not_make_a_storm_of_singles(against, ask):
    server, connector = against(canned(b"404 page not found", "404 Not Found"))

    found = dict(connector.fetch([ask(f"sum(a{n})", key=str(n)) for n in range(40)], SECOND * 5))

    assert {outcome.kind for outcome in found.values()} == {ErrorKind.BAD_QUERY}
    assert len(server.requests) == 1


def test_a_slow_batch_leaves_the_others_their_answers(against, ask):
    def reply(received):
        query = parse_qs(received.body.decode())["query"][0]
        if "slow" in query:
            time.sleep(3)
        marks = [str(n) for n in range(5) if f'"{n}"' in query]
        return response(
            "200 OK",
            json.dumps(vector(*marks)).encode(),
        )

    _, connector = against(reply, batch=5)
    questions = [ask(f"sum({'slow' if n < 5 else 'a'}{n})", key=str(n)) for n in range(40)]

    began = time.monotonic()
    found = dict(connector.fetch(questions, SECOND))

    assert time.monotonic() - began < 2
    assert {found[str(n)].kind for n in range(5)} == {ErrorKind.TIMEOUT}
    assert {found[str(n)].value for n in range(5, 40)} == {1.0}


def test_leaving_early_stops_the_asking(against, ask):
    server, connector = against(canned(vector()), batch=1)

    answers = connector.fetch([ask(f"sum(a{n})", key=str(n)) for n in range(50)], SECOND * 5)
    next(answers)
    answers.close()
    time.sleep(0.2)

    assert len(server.requests) <= 6


def test_a_closed_connector_still_answers_with_an_outcome(against, ask):
    _, connector = against(canned(vector(None)))
    connector.close()

    [(_, outcome)] = connector.fetch([ask("sum(a)")], SECOND)
    assert isinstance(outcome, Failure)
