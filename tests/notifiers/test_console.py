"""The console shows every announcement in plain lines, and never fails the process."""

import io
import sys
from dataclasses import replace

import pytest

from collector.domain.announcement import Occasion, Severity
from collector.notifiers.console import KIND, render
from collector.ports.notifier import Delivered, TryLater


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


@pytest.fixture
def console():
    return KIND.open(KIND.options())


def test_an_announcement_is_laid_out_in_lines(announcement):
    assert render(announcement, colour=False).splitlines() == [
        "Cut p95 checkout latency is off track",
        "  Day 61 of 92, expected 66 %, actual 54 %, lands at 480 of 450, P(hit) 0.12.",
        "  needs -3.1 ms/week",
        "  last reachable 9 Dec",
        "  subject checkout/p95-latency, team checkout, owner li, severity ticket",
        "  firing · 2026-11-22 10:00 UTC · episode 2 · evt_0123456789abcdef",
    ]


def test_it_prints_to_standard_error_by_default(console, announcement, at, capsys):
    assert console.send(announcement, at) == Delivered()
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == render(announcement, colour=False)


def test_it_prints_to_standard_output_when_told(announcement, at, capsys):
    assert KIND.open(KIND.options(stream="stdout")).send(announcement, at) == Delivered()
    assert capsys.readouterr().out == render(announcement, colour=False)


def test_a_terminal_gets_colour(console, announcement, at, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys, "stderr", Terminal())
    console.send(announcement, at)
    assert sys.stderr.getvalue().startswith("\x1b[1m\x1b[33mCut p95")


def test_no_color_is_heeded(console, announcement, at, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys, "stderr", Terminal())
    console.send(announcement, at)
    assert "\x1b" not in sys.stderr.getvalue()


def test_each_urgency_has_its_colour(announcement):
    painted = [render(replace(announcement, severity=severity), colour=True)[:9] for severity in Severity]
    over = {
        render(replace(announcement, occasion=occasion), colour=True)[:9]
        for occasion in (Occasion.RESOLVED, Occasion.PASSED)
    }
    assert len(over) == 1
    assert len({*painted, *over}) == 4


def test_a_poor_encoding_is_no_failure(console, announcement, at, monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(raw, encoding="ascii"))
    assert console.send(announcement, at) == Delivered()
    assert b"firing \\xb7 2026-11-22" in raw.getvalue()


def test_a_closed_stream_is_worth_another_try(console, announcement, at, monkeypatch):
    stream = io.StringIO()
    stream.close()
    monkeypatch.setattr(sys, "stderr", stream)
    assert console.send(announcement, at) == TryLater("stderr cannot be written: ValueError")


def test_a_process_without_the_stream_is_worth_another_try(console, announcement, at, monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    assert console.send(announcement, at) == TryLater("the process has no stderr")


def test_hostile_text_is_printed_as_text(hostile, acts):
    text = render(hostile, colour=False)
    assert acts(text) == []
    assert all(line.startswith("  ") for line in text.splitlines()[1:] if line)


def test_hostile_members_are_printed_as_text(hostile_group, acts):
    text = render(hostile_group, colour=False)
    assert acts(text) == []
    assert all(line.startswith("  ") for line in text.splitlines()[1:] if line)


def test_a_brief_is_read_in_eighty_columns(brief):
    assert render(brief, colour=False).splitlines() == [
        "checkout: 1 of 2 needs a decision",
        "",
        "  The sync is in 23 hours.",
        "",
        "  Goal confidence",
        "    Make checkout reliable: 6 of 10, was 7",
        "",
        "  Results progress",
        "    off track: Cut p95 checkout latency, day 61 of 92, expected 66 %, actual 54",
        "      %, P(hit) 0.12",
        "    on track: activation",
        "",
        "  Issues",
        "    refunds: data as of 3 days ago, do not trust this number",
        "",
        "  Plan ahead",
        "",
        "  subject checkout, team checkout, severity info",
        "  brief · 2026-11-22 10:00 UTC · evt_brief",
    ]


def test_each_member_of_a_group_is_told(group):
    sentence = "    Day 61 of 92, expected 66 %, actual 54 %, lands at 480 of 450, P(hit) 0.12."
    assert render(group(2), colour=False).splitlines() == [
        "checkout: 1 off track, 1 back",
        "",
        "  ‼ Key result 0 is off track",
        sentence,
        "    firing · checkout/kr-0 · owner li",
        "",
        "  ✓ The last is back on track",
        sentence,
        "    resolved · checkout/kr-1 · owner li",
        "",
        "  team checkout, severity page",
        "  firing · 2026-11-22 10:00 UTC · evt_group",
    ]


def test_a_group_of_ten_thousand_is_counted(group):
    text = render(group(10_000), colour=False)
    kept = text.count("is off track")
    assert kept > 30
    assert f"  … and {10_000 - kept:,} more\n" in text
    assert len(text) < 10_000
