"""Writes a feed as Atom (RFC 4287): every text of strangers is text in it, also what XML has no way to say."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from collector.domain.announcement import Announcement
from collector.web.feed import Feed
from collector.web.legible import legible

ATOM = "application/atom+xml; charset=utf-8"


class AtomFeeds:
    """The template, loaded once."""

    def __init__(self) -> None:
        environment = Environment(
            loader=PackageLoader("collector.web"),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=legible,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters["instant"] = lambda at: at.isoformat()
        environment.filters["content"] = _content
        self._template = environment.get_template("alerts.atom")

    def write(self, feed: Feed) -> bytes:
        """Write a page of the feed."""
        return self._template.render(feed=feed).encode("utf-8")


def _content(said: Announcement) -> Markup:
    """Give the words as HTML that is escaped once more, to stand as text in XML: a paragraph of plain text each."""
    lines = (Markup("<p>{}</p>").format(legible(line)) for line in (said.sentence, *said.lines))
    return escape(str(Markup().join(lines)))
