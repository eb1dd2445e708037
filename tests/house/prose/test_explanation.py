"""Every example on the pages that explain is run against the code that judges, collects and alerts."""

from __future__ import annotations

import doctest
import re

import pytest

from collector.daemon import time_jumps
from collector.domain import backoff, forecast, outage, plausibility, status
from collector.services import announce, heal, hold, prune, retry, wait_for_load
from collector.store import writes

PAGES = ("verdict", "collecting", "alerts", "cycles", "store")


@pytest.mark.parametrize("page", PAGES)
def test_every_example_of_a_page_gives_what_the_page_shows(page, blocks):
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    known = {}
    for number, block in enumerate(blocks(f"docs/explanation/{page}.md")):
        assert block.language == "pycon"
        example = doctest.DocTestParser().get_doctest(
            block.body, known, f"{page}.md, block {number}", None, 0
        )
        runner.run(example, out=pytest.fail, clear_globs=False)
        known = example.globs

    assert runner.tries > 10


@pytest.mark.parametrize(
    ("page", "words", "fact"),
    [
        ("verdict", "fewer than four days", forecast.FEWEST_DAYS == 4),
        ("verdict", "clipped at five times their median", forecast.CLIP == 5.0),
        ("verdict", "stays between 0.01 and 0.99", forecast.UNDECIDED == (0.01, 0.99)),
        ("verdict", "below 0.20 on three closed days", (status.LOW, status.LOW_DAYS) == (0.20, 3)),
        ("verdict", "on seven closed days in a row", status.HIGH_DAYS == 7),
        ("verdict", "90 % of the slots due were read", status.FULL_COVERAGE == 0.90),
        ("collecting", "Three tries at most", retry.TRIES == 3),
        ("collecting", "a thousand slots at a time", heal.PORTION == 1000),
        ("collecting", "28 days before the cycle", heal.PAST.days == 28),
        ("collecting", "after 2 s, 4 s … 60 s", (outage.FIRST_PROBE.seconds, outage.LONGEST_PROBE.seconds) == (2, 60)),
        ("collecting", "every 20 s", outage.ILL_PROBE.seconds == 20),
        ("collecting", "else 60 s", outage.REST.seconds == 60),
        ("collecting", "within 10 %", plausibility.TOLERANCE == 0.10),
        ("collecting", "(100, 1000, 60, 1024, or their inverse", plausibility.FACTORS == (100, 1000, 60, 1024)),
        ("collecting", "within a factor of two", plausibility.AGREEING == 2),
        ("collecting", "Two further readings", plausibility.FURTHER == 2),
        ("collecting", "about once a minute at most", wait_for_load.ASK_AGAIN.seconds == 60),
        ("alerts", "any other at the second in a row", hold.ROW == 2),
        ("alerts", "an hour without a jump", time_jumps.STEADY.seconds == 3600),
        ("store", "the two newest others that have ended", prune.KEPT_AFTER_THE_END == 2),
        ("store", "up to 30 s", writes.FATE_LIMIT == 30),
        ("alerts", "lapses after a minute", announce.LEASE.seconds == 60),
        ("alerts", "after 75 hours", backoff.LETTER_HORIZON.total_seconds() == 75 * 3600),
    ],
)  # fmt: skip
def test_a_number_of_the_prose_is_the_number_of_the_code(page, words, fact, root):
    text = " ".join((root / f"docs/explanation/{page}.md").read_text("utf-8").split())

    assert words in text
    assert fact


def test_no_link_of_the_docs_leads_nowhere(root):
    dead = []
    for page in [root / "README.md", root / "CONTRIBUTING.md", *(root / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
            path, _, anchor = target.partition("#")
            if path.startswith("http"):
                continue
            file = (page.parent / path).resolve() if path else page
            if not file.exists() or (anchor and anchor not in anchors(file)):
                dead.append(f"{page.relative_to(root)}: {target}")

    assert dead == []


def anchors(page):
    """Name the headings of a page as GitHub links to them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
