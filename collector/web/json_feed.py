"""Writes a feed as JSON Feed 1.1: the words for people, and under `_krd` the document that machines get elsewhere too."""

from __future__ import annotations

from typing import Any

from collector.ports.store import Item
from collector.services.alert_documents import item_document
from collector.web.answers import ascii_json
from collector.web.feed import Feed
from collector.web.legible import legible

JSON_FEED = "application/feed+json"


def json_feed(feed: Feed) -> bytes:
    """Write a page of the feed."""
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": legible(feed.title),
        "home_page_url": feed.home,
        "feed_url": feed.address,
        **({"next_url": feed.following} if feed.following else {}),
        "language": "en",
        "authors": [{"name": "krd"}],
        "items": [_entry(item, feed.home) for item in feed.items],
    }
    return ascii_json(document).encode("ascii")


def _entry(item: Item, home: str) -> dict[str, Any]:
    document = item_document(item)
    tags = [document[name] for name in ("family", "kind", "severity", "state", "team")]
    return {
        "id": f"urn:krd:{document['event']}",
        "url": document["link"] or home,
        "title": legible(document["title"]),
        "summary": legible(document["sentence"]),
        "content_text": "\n".join(map(legible, (document["sentence"], *document["lines"]))),
        "date_published": document["at"],
        "tags": [legible(tag) for tag in tags if tag],
        "_krd": document,
    }
