"""What is said is stored as it will be sent."""

import json
from dataclasses import replace
from datetime import UTC, timedelta, timezone

import pytest

from collector.domain.announcement import Announcement, Family, Occasion, Severity


@pytest.fixture
def announcement(make):
    return Announcement(
        id="evt_1",
        kind="drift",
        family=Family.VALUE,
        severity=Severity.TICKET,
        occasion=Occasion.FIRST,
        subject="checkout/p95",
        team="checkout",
        title="Off track: Cut p95 latency",
        sentence="Day 8 of 100, expected 8 %.",
        at=make.lab_start,
        lines=("owner Li", "next sync in 3 days"),
        owner="Li",
        episode=2,
        fingerprint="f" * 32,
        facts={"p_hit": 0.1, "landing": None},
    )


def test_it_comes_back_from_its_document_the_same(announcement):
    assert Announcement.from_document(json.loads(json.dumps(announcement.document()))) == announcement


def test_its_time_is_written_in_utc(announcement):
    elsewhere = replace(announcement, at=announcement.at.astimezone(timezone(timedelta(hours=5))))

    assert elsewhere.document()["at"] == announcement.at.astimezone(UTC).isoformat()


@pytest.mark.parametrize("missing", ["id", "at", "family"])
def test_a_damaged_document_is_refused(announcement, missing):
    document = announcement.document()
    del document[missing]

    with pytest.raises((KeyError, TypeError)):
        Announcement.from_document(document)


def test_an_unknown_family_is_refused(announcement):
    with pytest.raises(ValueError, match="gossip"):
        Announcement.from_document({**announcement.document(), "family": "gossip"})


def test_severities_are_ranked_ascending():
    assert [one.rank for one in (Severity.INFO, Severity.TICKET, Severity.PAGE)] == [0, 1, 2]
