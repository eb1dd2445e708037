"""`krd brief` prints what will be sent, in every form it is sent in, and sends it once a sync."""

import json
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest

from collector.app import build
from collector.configuration.settings import Database, Settings
from collector.domain.announcement import Announcement, Family, Occasion, Severity
from collector.ports.store import Disabled, Posting
from collector.store import engine

PARTS = ("Goal confidence", "Results progress since the ", "Issues", "Plan ahead")


def test_the_four_parts_stand_in_their_order_in_every_form_for_people(measured):
    for form in ("table", "md", "html", "slack"):
        told = measured.krd("brief", "shop", "-o", form)
        places = [told.out.find(part) for part in PARTS]
        assert told.code == 0, told.err
        assert -1 not in places, (form, told.out)
        assert places == sorted(places), form


def test_confidence_is_left_open_in_every_form(measured):
    for form in ("table", "md", "html", "slack"):
        told = measured.krd("brief", "shop", "-o", form).out.replace("\\", "")
        assert told.count("confidence __ /10") == 3, form


def test_markdown_has_a_message_a_team_and_its_parts_as_headings(measured):
    told = measured.krd("brief", "-o", "md").out

    assert told.startswith("# · shop: ")
    assert "\n## Issues\n" in told


def test_html_is_one_page_without_scripts_or_anything_from_elsewhere(measured):
    page, tags = measured.krd("brief", "shop", "-o", "html").out, []

    class Tags(HTMLParser):
        def handle_starttag(self, tag, attrs):
            tags.append((tag, dict(attrs)))

    Tags().feed(page)
    names = [name for name, _ in tags]
    assert names.count("html") == 1
    assert not {"script", "img", "iframe", "link"} & set(names)


def test_slack_is_what_the_webhook_would_be_given(measured):
    told = json.loads(measured.krd("brief", "shop", "-o", "slack").out)

    assert told["blocks"][0]["type"] == "header"


@pytest.mark.parametrize("form", ["html", "slack"])
def test_a_form_that_is_one_message_asks_for_the_team_when_there_is_none(measured, form):
    told = measured.krd("brief", "crew", "-o", form)

    assert (told.code, told.out) == (2, "")
    assert f"-o {form} prints one brief, and no team has a sync ahead" in told.err


@pytest.mark.parametrize("form", ["html", "slack"])
def test_a_form_of_the_brief_itself_does_not_go_with_sending(measured, form):
    told = measured.krd("brief", "shop", "--send", "-o", form)

    assert (told.code, told.out) == (2, "")
    assert "leave one out" in told.err


def test_json_tells_what_it_compares_with_and_what_is_open_and_planned(measured):
    [sheet] = measured.krd("brief", "shop", "-o", "json").json

    assert sheet["compared"].startswith("since the sync on ")
    assert {one["kind"] for one in sheet["alerts"]} >= {"drift"}
    assert sheet["plan"][-1].startswith("the sync after this one: Mon ")


def test_a_brief_that_was_sent_is_not_sent_again(open_world, furnish):
    world = open_world()
    furnish(world)
    world.krd("once", "-q")

    first = world.krd("brief", "shop", "--send", "-o", "json")
    second = world.krd("brief", "shop", "--send")

    assert (first.code, [one["delivered"] for one in first.json]) == (0, [True])
    assert all(part in first.err for part in PARTS)
    assert "was sent, or missed, before: one brief a sync" in second.out


@pytest.fixture
def sending(kept):
    """Give a world with verdicts, the command that sends its one brief, and a look into its store."""
    store = engine.open(f"sqlite:///{kept.folder}/krd.db")
    yield kept, store, lambda *more: kept.krd("brief", "shop", "--send", *more)
    store.close()


def gone_with(world, store):
    settings = Settings(
        config=world.folder / "config", database=Database(url=f"sqlite:///{world.folder}/krd.db")
    )
    app = build(settings)
    digest = app.configuration.notifiers["terminal"].digest
    app.close()
    with store.write() as tx:
        tx.disable(Disabled("terminal", digest, datetime.now(UTC), "HTTP 410: gone"))


def letters_before_it(world, store):
    with store.write() as tx:
        notes = [
            Announcement(
                id=f"evt_{number}", kind="test", family=Family.NEWS, severity=Severity.INFO,
                occasion=Occasion.TEST, subject="shop", team="shop", title="A note", sentence="One of many.",
                at=datetime.now(UTC),
            )
            for number in range(30)
        ]  # fmt: skip
        tx.enqueue([Posting("terminal", note) for note in notes], datetime.now(UTC) - timedelta(hours=1))


@pytest.mark.parametrize(
    ("hold_up", "why"),
    [
        (gone_with, "waits: terminal is disabled: HTTP 410: gone"),
        (letters_before_it, "waits: other letters of this notifier go first"),
    ],
)
def test_a_brief_that_waits_is_told_to_wait_and_ends_with_1(sending, hold_up, why):
    world, store, send = sending
    hold_up(world, store)

    told = send("-o", "json")

    assert told.code == 1
    assert told.json == [{"team": "shop", "notifier": "terminal", "delivered": False, "reason": why}]


def test_a_brief_without_a_letter_is_told_as_one_that_nobody_hears(sending):
    world, _, send = sending
    world.change("config/krd.yaml", "{kind: console}", "{kind: console, only: {kinds: [drift]}}")

    told = send("-o", "json")

    assert (told.code, [(one["notifier"], one["delivered"], one["reason"]) for one in told.json]) == (
        0, [(None, None, "nobody is to hear it")],
    )  # fmt: skip


def test_a_brief_that_was_sent_before_is_in_the_json_too(sending):
    _, _, send = sending
    send()

    told = send("-o", "json")

    assert (told.code, [(one["team"], one["delivered"]) for one in told.json]) == (0, [("shop", None)])
    assert told.json[0]["reason"].startswith("was sent, or missed, before")
