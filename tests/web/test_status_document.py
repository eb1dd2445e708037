"""The one JSON document of a key result that the command line and the API show."""

import json

from collector.services.read_models import status_document


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
