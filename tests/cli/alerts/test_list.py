"""`krd alerts list` and `show`: what is wrong, and what lies over it."""

from datetime import timedelta

import pytest

from collector.domain.alert import Condition
from collector.domain.announcement import Severity
from collector.domain.silence import Silence
from collector.domain.speech import Told
from collector.ports.store import LetterState


def test_nothing_is_wrong_at_first(quiet_world):
    told = quiet_world.krd("alerts", "list")

    assert (told.code, told.out) == (0, "no alert is open\n")


def test_what_is_wrong_is_listed_the_most_severe_first_then_the_oldest(alarms):
    told = alarms.krd("alerts", "list", "-o", "json")

    assert [(one["kind"], one["subject"], one["severity"], one["state"]) for one in told.json] == [
        ("drift", "shop/latency", "ticket", "firing"),
        ("source_down", "warehouse", "info", "firing"),
        ("stale", "shop/calls", "info", "firing"),
    ]


def test_the_table_says_since_when_and_what_lies_over_it(alarms):
    alarms.krd("alerts", "ack", "shop/latency", "--by", "Li", "--note", "rolling back")
    alarms.krd("alerts", "silence", "shop/latency", "--for", "2d", "--reason", "a load test", "--by", "Sam")

    lines = alarms.krd("alerts", "list").out.splitlines()

    assert " 2 days  ticket    drift " in lines[1]
    assert "in hand of Li: rolling back; silenced until " in lines[1]
    assert lines[1].endswith(" by Sam")
    assert lines[3].endswith("source_down warehouse speaks for it")


def test_the_document_tells_acks_silences_and_who_speaks_for_it(alarms):
    alarms.krd("alerts", "ack", "shop/latency", "--by", "Li")

    latency, _, calls = alarms.krd("alerts", "list", "-o", "json").json

    assert (latency["acked"]["by"], latency["silenced"], latency["inhibited_by"]) == ("Li", None, None)
    assert (calls["acked"], calls["inhibited_by"]["subject"]) == (None, "warehouse")


@pytest.mark.parametrize(
    ("options", "subjects"),
    [
        (["--kind", "stale"], ["shop/calls"]),
        (["--kind", "stale", "--kind", "drift"], ["shop/latency", "shop/calls"]),
        (["--family", "data"], ["warehouse", "shop/calls"]),
        (["--family", "data", "--team", "shop"], ["warehouse", "shop/calls"]),
        (["--team", "crew"], ["warehouse"]),
        (["--state", "resolved"], ["shop/slow"]),
        (["--state", "pending"], []),
        (["--all"], ["shop/latency", "warehouse", "shop/calls", "shop/slow"]),
        (["--all", "--kind", "drift"], ["shop/latency", "shop/slow"]),
    ],
    ids=" ".join,
)
def test_filters_leave_out_what_was_not_asked_for(alarms, options, subjects):
    told = alarms.krd("alerts", "list", *options, "-o", "json")

    assert (told.code, [one["subject"] for one in told.json]) == (0, subjects)


def test_what_may_begin_is_listed_when_asked_for(alarms):
    alarms.move("drift", "now:shop/calls", Condition.PENDING)

    shown = [
        alarms.krd("alerts", "list", *more, "--kind", "drift", "-o", "json").json for more in ([], ["--all"])
    ]

    assert [[one["state"] for one in there] for there in shown] == [
        ["firing"], ["firing", "pending", "resolved"],
    ]  # fmt: skip


def test_what_fires_again_is_not_listed_as_over(alarms):
    alarms.fire("drift", "now:shop/slow")

    slow = [
        one
        for one in alarms.krd("alerts", "list", "--all", "-o", "json").json
        if one["subject"] == "shop/slow"
    ]

    assert [(one["state"], one["episode"]) for one in slow] == [("firing", 2)]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--team", "shpo"], "did you mean shop?"),
        (["--kind", "dirft"], ""),
        (["--state", "open"], ""),
        (["--state", "inactive"], ""),
    ],
)
def test_an_unknown_filter_is_wrong_usage(alarms, options, said):
    told = alarms.process("alerts", "list", *options)

    assert (told.code, told.out) == (2, "")
    assert said in told.err


def test_silences_are_listed_while_they_last(alarms):
    ended = alarms.krd("alerts", "silence", "shop", "--for", "1h", "--reason", "one", "-o", "json").json["id"]
    alarms.krd("alerts", "silence", "shop/calls", "--for", "1h", "--reason", "two", "--kind", "stale")
    alarms.krd("alerts", "unsilence", ended)

    lasting = alarms.krd("alerts", "list", "--silences", "-o", "json").json
    ever = alarms.krd("alerts", "list", "--silences", "--all", "-o", "json").json

    assert [(one["key_result"], one["kind"], one["reason"]) for one in lasting] == [
        ("shop/calls", "stale", "two")
    ]
    assert [one["reason"] for one in ever] == ["one", "two"]


@pytest.mark.parametrize("options", [["--family", "data"], ["--state", "firing"]], ids=" ".join)
def test_silences_are_not_filtered_by_what_they_do_not_have(alarms, options):
    told = alarms.krd("alerts", "list", "--silences", *options)

    assert (told.code, told.out) == (2, "")
    assert "a silence has no family and no state" in told.err


def test_without_a_silence_that_is_said(alarms):
    assert alarms.krd("alerts", "list", "--silences").out == "nothing is silenced\n"


def test_hostile_text_stays_text_in_every_form(quiet_world):
    quiet_world.fire("drift", "now:shop/latency", title="=cmd()\x1b[31m <b>|x @here", sentence="\u202eevil")

    table, csv, md, shown = (
        quiet_world.krd("alerts", *words).out
        for words in (("list",), ("list", "-o", "csv"), ("list", "-o", "md"), ("show", "latency"))
    )

    assert "\x1b" not in table + csv + md + shown
    assert ",'=cmd()" in csv
    assert "<b>" not in md
    assert "@here" not in md
    assert "\u202e" not in shown


def test_one_alert_is_shown_with_its_arithmetic_and_its_way(alarms):
    out = " ".join(alarms.krd("alerts", "show", "latency").out.split())

    assert "alert drift shop/latency" in out
    assert "arithmetic Day 40 of 90, expected 44 %, actual 12 %." in out
    assert "Changes of this episode (UTC)" in out
    assert "inactive to firing, ticket." in out


def test_the_document_of_one_alert_holds_all_that_is_known(alarms):
    change = alarms.fire("drift", "now:shop/latency", severity=Severity.PAGE)
    alarms.post(change)
    alarms.settle(LetterState.SENT)
    with alarms.store.write() as tx:
        tx.put_told([Told("terminal", change.alert.fingerprint, 1, True, Severity.PAGE, alarms.now)])
        span = (alarms.now, alarms.now + timedelta(hours=1))
        tx.add_silence(Silence("shop", "shop/latency", *span, "sam", "a load test"))

    one = alarms.krd("alerts", "show", "latency", "-o", "json").json

    assert [(item["was"], item["severity"]) for item in one["changes"]] == [
        ("inactive", "ticket"),
        ("firing", "page"),
    ]
    assert [(letter["state"], letter["attempts"]) for letter in one["letters"]] == [("sent", 1)]
    assert [(told["notifier"], told["severity"]) for told in one["told"]] == [("terminal", "page")]
    assert [silence["reason"] for silence in one["silences"]] == ["a load test"]
    assert one["silenced"]["by"] == "sam"


def test_the_silences_over_what_several_teams_have_are_those_that_silence_it(alarms):
    alarms.fire("config_rejected", "krd.yaml", team="")
    for team in ("shop", "crew"):
        before = alarms.krd("alerts", "show", "krd.yaml", "-o", "json").json
        alarms.krd("alerts", "silence", team, "--for", "1h", "--reason", team)
    after = alarms.krd("alerts", "show", "krd.yaml", "-o", "json").json

    assert (before["silenced"], before["silences"]) == (None, [])
    assert after["silenced"]["reason"] == "shop"
    assert [one["reason"] for one in after["silences"]] == ["shop", "crew"]
    assert after["silenced"]["until"] == after["silences"][0]["until"]


def test_what_is_over_is_shown_when_nothing_is_open(alarms):
    one = alarms.krd("alerts", "show", "slow", "-o", "json").json

    assert (one["state"], one["title"], len(one["changes"])) == ("resolved", "slow is back on track", 2)


def test_an_alert_is_shown_by_the_letters_of_the_list(alarms):
    name = alarms.krd("alerts", "list").out.splitlines()[2].split()[0]

    assert alarms.krd("alerts", "show", name, "-o", "json").json["subject"] == "warehouse"


def test_several_open_alerts_of_a_name_ask_for_the_kind(alarms):
    alarms.fire("breach", "now:shop/latency")

    told = alarms.krd("alerts", "show", "latency")
    shown = alarms.krd("alerts", "show", "latency", "--kind", "breach", "-o", "json").json

    assert (told.code, told.out, shown["kind"]) == (2, "", "breach")
    assert "--kind drift" in told.err
    assert "--kind breach" in told.err


def test_a_name_without_an_alert_is_told_with_what_is_open(alarms):
    told = alarms.krd("alerts", "show", "latncy")

    assert (told.code, told.out) == (1, "")
    assert "'latncy' never had an alert; open are drift shop/latency, source_down warehouse" in told.err


def test_a_change_with_a_reason_of_its_own_is_shown_with_it(alarms):
    alarms.close("drift", "now:shop/latency", "the promise was changed")

    assert (
        "firing to resolved, ticket, the promise was changed." in alarms.krd("alerts", "show", "latency").out
    )
