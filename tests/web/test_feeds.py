"""What both feeds promise: filters, pages, the same ids, and nothing sent twice to a reader that has it."""

import html
import re
from urllib.parse import urlsplit

import pytest

from collector.domain.alert import AlertKind, Condition
from collector.domain.announcement import Severity
from collector.errors import StoreError
from collector.ports.catalogue import NotifierEntry, Only
from collector.ports.notifier import NotifierOptions
from collector.services.recipients import wants

FEEDS = ("/feeds/alerts.atom", "/feeds/alerts.json")
CLEAR = Condition.CLEAR


def events(answer):
    """Give the event ids of a feed in their order."""
    return re.findall(r'(?:<id>|"id": ")urn:krd:(evt_[0-9a-f]{32})', answer.text)


@pytest.fixture
def history(stored, happen):
    """A drift of checkout that grew worse and ended, a guardrail of payments, and a source that is down; newest last."""
    return [
        happen(),
        happen(severity=Severity.PAGE),
        happen(CLEAR),
        happen(kind=AlertKind.GUARDRAIL, subject="2026-Q4:payments/refunds"),
        happen(kind=AlertKind.SOURCE_DOWN, subject="prod"),
    ]


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_gives_what_fired_grew_worse_and_ended_newest_first(ask, history, path):
    assert events(ask(path)) == [change.event for change in reversed(history)]


@pytest.mark.parametrize("path", FEEDS)
def test_pending_and_recovering_are_told_only_when_asked_for(ask, stored, happen, path):
    pending = happen(Condition.PENDING)
    fired = happen()
    recovering = happen(Condition.RECOVERING)

    assert events(ask(path)) == [fired.event]
    assert events(ask(f"{path}?state=pending&state=recovering")) == [recovering.event, pending.event]


@pytest.mark.parametrize("path", FEEDS)
@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("team=payments", [4, 3]),
        ("team=payments&team=checkout", [4, 3, 2, 1, 0]),
        ("family=data", [4]),
        ("kind=guardrail&kind=source_down", [4, 3]),
        ("state=resolved", [2]),
        ("team=checkout&state=firing", [4, 1, 0]),
        ("team=payments&kind=drift", []),
    ],
)
def test_filters_of_one_name_add_up_and_those_of_several_narrow(ask, history, path, query, wanted):
    assert events(ask(f"{path}?{query}")) == [history[index].event for index in wanted]


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_of_a_team_holds_what_a_notifier_of_that_team_hears(ask, history, store, path):
    route = NotifierEntry("ops", "made", NotifierOptions(), only=Only(teams=frozenset({"payments"})))
    with store.read() as tx:
        changes = [item.transition for item in tx.newest(10)]
    heard = [change.event for change in changes if wants(route, change.said)]

    assert heard == [history[4].event, history[3].event]
    assert events(ask(f"{path}?team=payments")) == heard


@pytest.mark.parametrize("path", FEEDS)
@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("team=checkot", "team checkot is not known: checkout, payments"),
        ("family=values", "family values is not known: 'value', 'data', 'news' or 'daemon'"),
        ("kind=drifts", "kind drifts is not known: 'drift', 'regressed',"),
        (
            "state=open",
            "state open is not known: 'inactive', 'pending', 'firing', 'recovering' or 'resolved'",
        ),
        ("limit=501", "limit 501: Input should be less than or equal to 500"),
        ("limit=0", "limit 0: Input should be greater than or equal to 1"),
        ("before=x", "before x: Input should be a valid integer"),
        ("teams=checkout", "teams is no filter of this address"),
        ("state=fi%0Aring%1B", r"state fi\nring\x1b is not known"),
    ],
)
def test_what_is_not_known_is_refused_and_what_there_is_told(ask, stored, path, query, told):
    answer = ask(f"{path}?{query}")

    assert answer.status == 400
    assert answer.headers["content-type"].startswith("text/plain")
    assert told in answer.text


@pytest.mark.parametrize("path", FEEDS)
def test_pages_give_every_entry_once_also_while_new_ones_come(ask, stored, happen, path):
    made = [happen(subject=f"2026-Q4:checkout/kr-{number}").event for number in range(7)]
    seen, following = [], f"{path}?limit=3"
    for _ in range(5):
        answer = ask(following)
        seen += events(answer)
        happen(subject=f"2026-Q4:checkout/late-{len(seen)}")
        found = re.search(r'rel="next"[^>]*href="([^"]+)"|"next_url": "([^"]+)"', answer.text)
        if found is None:
            break
        link = urlsplit(html.unescape(found[1] or found[2]))
        following = f"{link.path}?{link.query}"

    assert seen == list(reversed(made))


@pytest.mark.parametrize("path", FEEDS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_reader_that_has_it_already_is_told_so(ask, history, path, method):
    first = ask(path)
    tag = first.headers["etag"]
    again = ask(path, method, **{"If-None-Match": f'"other", W/{tag}'})

    assert re.fullmatch(r'"[0-9a-f]{32}"', tag)
    assert (again.status, again.text) == (304, "")
    assert again.headers["etag"] == tag
    assert again.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", FEEDS)
def test_the_tag_changes_with_the_feed_and_with_nothing_else(ask, history, happen, path):
    before = ask(path).headers["etag"]
    same = ask(path, "HEAD").headers["etag"]
    happen(kind=AlertKind.BREACH)
    after = ask(path, **{"If-None-Match": before})

    assert same == before
    assert after.status == 200
    assert after.headers["etag"] != before


@pytest.mark.parametrize("path", FEEDS)
def test_links_are_those_of_the_public_address_where_there_is_one(ask, stored, history, path):
    stored.address = "https://krd.example.org/okrs"
    text = ask(path, Host="evil.example").text

    assert f"https://krd.example.org/okrs{path}" in text
    assert "evil.example" not in text


@pytest.mark.parametrize("path", FEEDS)
def test_else_links_are_those_that_the_reader_came_by(ask, history, path):
    assert f"http://krd.internal:8080{path}" in ask(path, Host="krd.internal:8080").text


@pytest.mark.parametrize("path", FEEDS)
@pytest.mark.parametrize("host", ['x"><script>', "a b", "krd.example/../", "user@host", "[::1", ""])
def test_a_host_that_is_none_is_refused(ask, history, path, host):
    answer = ask(path, Host=host)

    assert (answer.status, answer.text) == (400, "400 Bad Request: the Host header names no host\n")


@pytest.mark.parametrize("path", [*FEEDS, "/api/v1/alerts"])
def test_a_store_that_cannot_be_read_is_no_empty_feed(ask, stored, path):
    stored.trouble = StoreError("the disk is gone")
    answer = ask(path)

    assert answer.status == 503
    assert answer.headers["retry-after"] == "10"
    assert "the store cannot be read now" in answer.text


@pytest.mark.parametrize("path", [*FEEDS, "/api/v1/alerts"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_can_be_changed_here_either(ask, path, method):
    answer = ask(path, method=method)

    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
