"""Every example on the pages that explain is run against the code that judges, collects and alerts."""

from __future__ import annotations

import doctest
import re
from zoneinfo import ZoneInfo

import pytest

from collector.daemon import loop, retention, sink_trouble, time_jumps
from collector.domain import (
    backoff,
    damping,
    drafts,
    message,
    moments,
    outage,
    plausibility,
    policy,
    quiet,
    sending,
    silence,
    status,
)
from collector.domain.detectors import (
    findings,
    flatline,
    regression,
    standardised,
    sudden_change,
    unit_change,
)
from collector.domain.drift_policy import DEFAULT
from collector.domain.forecasting import forecast, foreseen, launches, odds, outlook, rates, robust, trend
from collector.domain.outlooks import BELIEF
from collector.domain.shape import Commitment
from collector.notifiers import (
    alertmanager_alerts,
    apprise,
    console,
    email_message,
    html,
    pagerduty,
    slack_blocks,
    teams_card,
    webhook,
    wording,
)
from collector.services import announce, detected_conditions, heal, hold, nudge, prune, retry, wait_for_load
from collector.store import writes

PAGES = ("verdict", "foresight", "collecting", "alerts", "sync", "cycles", "store")
POLICIES = [DEFAULT[Commitment.ASPIRATIONAL], DEFAULT[Commitment.COMMITTED]]
BELIEFS = (BELIEF[Commitment.ASPIRATIONAL], BELIEF[Commitment.COMMITTED])
NIGHT = quiet.Quiet(ZoneInfo("UTC"))


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
        ("verdict", "0.3 of the planned pace, committed 1.2", BELIEFS == (0.3, 1.2)),
        ("verdict", "stays between 0.01 and 0.99", (foreseen.LEAST, foreseen.MOST) == (0.01, 0.99)),
        ("verdict", "below 0.20 on three closed days", {(one.off_track, one.days) for one in POLICIES} == {(0.20, 3)}),
        ("verdict", "on seven closed days in a row", {one.back for one in POLICIES} == {7}),
        ("verdict", "at or above 0.50, committed 0.70", [one.on_track for one in POLICIES] == [0.50, 0.70]),
        ("foresight", "from 28 days before the cycle on", outlook.HISTORY == 28),
        ("foresight", "fewer than four days", forecast.FEWEST_DAYS == 4),
        ("foresight", "each counted up to five times their median", robust.CLIP == 5.0),
        ("foresight", "three filters", len(trend.LEVELS.noise) == 3),
        ("foresight", "loses half of itself in four weeks", 0.45 < trend.DAMPING**28 < 0.55),
        ("foresight", "one that brings 80 % of the way", odds.SURPRISE_SHARE == 0.8),
        ("foresight", "0.09 with a whole cycle left", (odds.SURPRISE_MOST, odds.SURPRISE_RATE) == (0.4, 0.25)),
        ("foresight", "stays between 0.01 and 0.99", (foreseen.LEAST, foreseen.MOST) == (0.01, 0.99)),
        ("foresight", "that of 70 % of it", Commitment.ASPIRATIONAL.success == 0.7),
        ("foresight", "0.3 of it for `aspirational` key results, 1.2 for `committed` ones", BELIEFS == (0.3, 1.2)),
        ("foresight", "as declared (0.27), it comes 14 days late (0.10), it does nothing (0.63)",
         (launches.LATE, *launches.PRIOR.values()) == (14, 0.27, 0.10, 0.63)),
        ("foresight", "how unsure its size is (40 % of it)", launches.SIZE_SPREAD == 0.4),
        ("foresight", "keep 100, 98.5, 96 and 90 %", list(rates.KEPT) == [1.0, 0.985, 0.96, 0.90]),
        ("foresight", "above 0.90 it is told to be *too easy*, below 0.05 to be *fiction*",
         (drafts.TOO_EASY, drafts.FICTION) == (0.90, 0.05)),
        ("foresight", "below 0.20 on three days in a row", {(one.off_track, one.days) for one in POLICIES} == {(0.20, 3)}),
        ("foresight", "(0.50, committed 0.70) or above on seven days in a row",
         [(one.on_track, one.back) for one in POLICIES] == [(0.50, 7), (0.70, 7)]),
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
        ("store", "| changes of alerts, letters that were sent | 400 days;", retention.SAID_FOR.days == 400),
        ("store", "up to 30 s", writes.FATE_LIMIT == 30),
        ("alerts", "lapses after a minute", announce.LEASE.seconds == 60),
        ("alerts", "75 hours after it was first tried", backoff.LETTER_HORIZON.total_seconds() == 75 * 3600),
        ("alerts", "more than 10 % of its way behind where it began, from day 14 on",
         (detected_conditions.REGRESSED, detected_conditions.REGRESSED_FROM) == (-0.10, 14)),
        ("alerts", "the last 119 days", findings.DAYS == 119),
        ("alerts", "the 14 days that end two days before it", (standardised.BEFORE, standardised.APART) == (14, 2)),
        ("alerts", "clipped at 3, what lies beyond 0.75 is added up, upwards and downwards; at 7",
         (standardised.CLIP, sudden_change.ALLOWANCE, sudden_change.THRESHOLD) == (3.0, 0.75, 7.0)),
        ("alerts", "is news for a week", sudden_change.RECENT == 7),
        ("alerts", "Four days or more", flatline.LEAST_ROW == 4),
        ("alerts", "a chance below 1 in 10,000", flatline.CHANCE == 1e-4),
        ("alerts", "60, 100, 1000, 1024, 3600, 10⁶, 1024² or 10⁹",
         unit_change.FACTORS == (60, 100, 1000, 1024, 3600, 10**6, 1024**2, 10**9)),
        ("alerts", "within 12 % together, within 25 % each", (unit_change.TOLERANCE, unit_change.EACH) == (0.12, 0.25)),
        ("alerts", "1.28 standard deviations of a day", regression.DEVIATIONS == 1.28),
        ("alerts", "on 7 closed days running, in the first half of the cycle, and P(hit) above 0.75",
         (detected_conditions.EARLY_DAYS, detected_conditions.EARLY_UNTIL, detected_conditions.EARLY_P) == (7, 0.5, 0.75)),
        ("alerts", "when 5 % of the way is lost again", detected_conditions.EARLY_MARGIN == 0.05),
        ("alerts", "after three failing rounds in a row", outage.ROUNDS_TO_DOWN == 3),
        ("alerts", "after two good rounds", outage.ROUNDS_TO_UP == 2),
        ("alerts", "two intervals (`every`) at least", damping.READINGS == 2),
        ("alerts", "within a day of its last end takes six hours", (damping.DAY.days, damping.RELAPSE_HOLD.seconds) == (1, 6 * 3600)),
        ("alerts", "at most 30 days ahead", silence.LONGEST_SILENCE.days == 30),
        ("alerts", "`repeat` (24 hours)", policy.AlertPolicy().repeat.total_seconds() == 24 * 3600),
        ("alerts", "`group_wait` (30 s)", policy.AlertPolicy().group_wait.seconds == 30),
        ("alerts", "`group_interval` (5 minutes)", policy.AlertPolicy().group_interval.seconds == 300),
        ("alerts", "at most twenty by name", message.LISTED == 20),
        ("alerts", "nights (18:00 to 08:00)", (NIGHT.begins.hour, NIGHT.ends.hour) == (18, 8)),
        ("alerts", "three tries, then the letter is dead", announce.POISON_TRIES == 3),
        ("alerts", "After three failures in a row", sending.FAILURES == 3),
        ("alerts", "has failed for ten minutes", sink_trouble.PATIENCE.seconds == 600),
        ("alerts", "are kept for 400 days", retention.SAID_FOR.days == 400),
        ("alerts", "12,000 characters, 40 blocks", (slack_blocks.MESSAGE_CHARS, slack_blocks.BLOCKS) == (12_000, 40)),
        ("alerts", "| Teams | 20,000 bytes |", teams_card.MESSAGE_BYTES == 20_000),
        ("alerts", "| webhook | 16,000 bytes |", webhook.BODY_BYTES == 16_000),
        ("alerts", "400,000 bytes, a summary of 819 characters", (pagerduty.EVENT_BYTES, pagerduty.SUMMARY_CHARS) == (400_000, 819)),
        ("alerts", "20,000 characters of text, 58,000 bytes of HTML", (email_message.TEXT_CHARS, html.PAGE_BYTES) == (20_000, 58_000)),
        ("alerts", "4,000 characters of description, 200 of a label",
         (alertmanager_alerts.DESCRIPTION_CHARS, alertmanager_alerts.LABEL_CHARS) == (4_000, 200)),
        ("alerts", "| console | 8,000 characters |", console.TEXT_CHARS == 8_000),
        ("alerts", "at most 16,000 characters", apprise.BODY_CHARS == 16_000),
        ("alerts", "500 alerts at most are put into words", wording.MEMBERS == 500),
        ("sync", "five minutes before", moments.READ_AHEAD.seconds == 300),
        ("sync", "one hour before the sync", moments.LAST_HOUR.seconds == 3600),
        ("sync", "up to 15 seconds", loop.FIRST_ROUNDS.seconds == 15),
        ("sync", "ten minutes while the past", loop.FIRST_HEALING.seconds == 600),
        ("sync", "a day before the brief", nudge.AHEAD.days == 1),
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
