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
    resolved = render(replace(announcement, occasion=Occasion.RESOLVED), colour=True)[:9]
    assert len({*painted, resolved}) == 4


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
    assert all(line.startswith("  ") for line in text.splitlines()[1:])
