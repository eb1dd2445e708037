"""The one JSON document of a key result that the command line and the API show."""

import json
from datetime import date

from collector.domain.health import Health
from collector.domain.observed import Guarded
from collector.domain.okr import Edit, Retired
from collector.services.read_models import removed_document, status_document


def test_it_holds_the_promise_and_the_whole_verdict(key_result, verdict):
    promise = key_result()
    judged = verdict(promise)
    document = status_document(promise, judged)

    assert {name: document[name] for name in ("address", "cycle", "team", "objective", "title", "owner")} == {
        "address": "checkout/p95-latency",
        "cycle": "2026-Q4",
        "team": "checkout",
        "objective": "checkout/reliable-checkout",
        "title": "Cut p95 checkout latency from 900 ms to 450 ms",
        "owner": "li",
    }
    assert judged.document().items() <= document.items()


def test_without_a_verdict_it_has_the_same_keys_and_no_status(key_result, verdict):
    promise = key_result(binding=None, not_run="by hand comes later")
    unjudged = status_document(promise, None)

    assert unjudged.keys() == status_document(promise, verdict(promise)).keys()
    assert unjudged["sentence"] == unjudged["not_run"] == "by hand comes later"
    assert {unjudged[name] for name in ("status", "health", "level", "progress", "as_of")} == {None}


def test_it_is_plain_json(key_result, verdict):
    promise = key_result()
    document = status_document(promise, verdict(promise))

    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_what_a_person_enters_is_marked_with_and_without_a_verdict(key_result, verdict, by_hand):
    promise = key_result(binding=by_hand)

    assert status_document(promise, None)["by_hand"] is True
    assert status_document(promise, verdict(promise))["by_hand"] is True
    assert status_document(key_result(), None)["by_hand"] is False


def test_a_guardrail_stands_with_what_it_may(key_result, verdict, guarded):
    promise = key_result(guardrails=(guarded,))
    said = (Guarded("refunds", "refunds stay low", 3.1, Health.FRESH, breached=True),)

    assert status_document(promise, verdict(promise, guardrails=said))["guardrails"] == [
        {
            "id": "refunds",
            "title": "refunds stay low",
            "value": 3.1,
            "health": "fresh",
            "breached": True,
            "unit": "%",
            "at_most": 2.0,
            "at_least": None,
        }
    ]


def test_edits_stand_with_their_reasons_and_those_without_one_are_told(key_result, verdict):
    promise = key_result(changes=(Edit(date(2026, 11, 12), "the market moved"),))
    document = status_document(promise, verdict(promise), "measure")

    assert document["changes"] == [{"on": "2026-11-12", "why": "the market moved"}]
    assert document["unexplained"] == "measure"
    assert status_document(promise, None)["unexplained"] is None


def test_a_retired_one_says_why(key_result):
    promise = key_result(retired=Retired(date(2026, 11, 12), "the shop closed"))

    assert status_document(promise, None)["retired"] == {"on": "2026-11-12", "why": "the shop closed"}


def test_one_that_is_gone_has_the_same_keys_and_no_status(key_result, verdict, gone):
    promise = key_result()
    document = removed_document(gone)

    assert document.keys() == status_document(promise, verdict(promise)).keys()
    assert (document["address"], document["cycle"]) == ("checkout/gone", "2026-Q4")
    assert {document[name] for name in ("status", "health", "score", "level")} == {None}
    assert document["removed"]["last_status"] == "on_track"
    assert document["sentence"].startswith("removed without a reason since 2026-11-27; ")
