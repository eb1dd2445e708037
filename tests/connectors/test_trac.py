"""A real Trac counted by its preset: the promises of a connector, and what Trac would get wrong in silence."""

from __future__ import annotations

import sqlite3
import urllib.request
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest

from connectors import presets
from connectors.api import ErrorKind, Reading
from connectors.testing import Cases, FaultServer, HttpConformance
from connectors.testing.fault_server import response

AS_OF = datetime(2026, 11, 1, 12, tzinfo=UTC)
PASSWORD = "a quiet reader"
TEN = timedelta(seconds=10)
CREATED = "time=$since..$until"
TABLE = "\ufeffid\r\n".encode() + b"".join(b"%d\r\n" % n for n in range(1, 7))
COOKIE = "c00c1e5ec7e7"


def _hour(back: int) -> datetime:
    return AS_OF - timedelta(hours=back)


def table(_):
    """Answer as Trac does when six tickets match."""
    return response("200 OK", TABLE, media="text/csv;charset=utf-8")


def welcome(received):
    """Sign in, as Trac does: with a cookie, and off to the front page."""
    if received.target != "/login":
        return None
    headers = {"Location": "http://127.0.0.1:9/", "Set-Cookie": f"trac_auth={COOKIE}; HttpOnly; Path=/"}
    return response("302 Found", b"", headers)


class TracPromises:
    """What the public and the private Trac have in common."""

    kind = presets.load("trac")
    as_of = AS_OF
    cases = Cases(
        good=[
            ("status=closed", 6.0),
            ("status=!closed", 12.0),
            ("status=closed&status=new", 18.0),
            ("status=closed&or&priority=critical", 12.0),
            (CREATED, 1.0),
        ],
        zero="status=closed&priority=blocker",
        bad_query="nosuch=1",
        past=(CREATED, _hour(2), 3.0),
        today_only="status=closed",
        writes=["format=rss", "status=closed&max=1", "action=delete"],
        range=(CREATED, {_hour(back): float((back + 1) % 4) for back in range(9, -1, -1)}),
    )
    reply = staticmethod(table)
    excuses: ClassVar = {
        "empty": "Trac lists, and an empty list is 0 tickets",
        "text": "Trac answers a table only; other answers are staged in test_http_json.py",
        "nan": "as above",
        "several": "a count is one number",
        "picked": "as above",
        "slow": "the fault server hangs and trickles; Trac cannot be made slow by a query",
    }


class TestTracForMembers(TracPromises, HttpConformance):
    welcome = staticmethod(welcome)
    secrets = (PASSWORD, "another password", COOKIE)
    not_applicable: ClassVar = TracPromises.excuses
    # Who answers a sign-in with anything but a cookie does not let us in.
    faults: ClassVar = {
        mode: kinds | ({ErrorKind.AUTH} if mode in ("empty_json", "garbage") else set())
        for mode, kinds in HttpConformance.faults.items()
    }

    @pytest.fixture(autouse=True)
    def _source(self, trac_for_members, monkeypatch):
        self.url = trac_for_members.url
        monkeypatch.setenv("TRACKER_PASSWORD", PASSWORD)
        monkeypatch.setenv("WRONG_PASSWORD", "another password")

    def make(self, **options):
        return self.make_at(self.url, **options)

    def make_at(self, url, **options):
        given = {"url": url, "user": "krd", "password": {"env": "TRACKER_PASSWORD"}, **options}
        return self.kind.open(self.kind.options.model_validate(given))

    def make_unauthorised(self):
        return self.make(password={"env": "WRONG_PASSWORD"})


class TestTracForAll(TracPromises, HttpConformance):
    not_applicable: ClassVar = {
        **TracPromises.excuses,
        "unauthorised": "no account is named: everybody may read",
        "secrets": "as above",
    }

    @pytest.fixture(autouse=True)
    def _source(self, trac_for_all):
        self.url = trac_for_all.url

    def make(self, **options):
        return self.make_at(self.url, **options)

    def make_at(self, url, **options):
        return self.kind.open(self.kind.options.model_validate({"url": url, **options}))


@pytest.fixture
def members(open_preset, trac_for_members):
    return open_preset("trac", trac_for_members.url, user="krd", password=PASSWORD, fields=["customer"])


def outcome(connector, question):
    [(_, found)] = connector.fetch([question], TEN)
    return found


def counted_without_krd(tracker, query):
    with urllib.request.urlopen(f"{tracker.url}/query?{query}&format=csv&col=id&max=0", timeout=10) as reply:
        return len(reply.read().splitlines()) - 1


def test_a_refused_password_is_not_the_public_count(open_preset, trac_for_all, ask):
    found = outcome(
        open_preset("trac", trac_for_all.url, user="krd", password="mistyped"), ask("status=closed")
    )

    assert found.kind is ErrorKind.AUTH


def test_members_see_what_others_do_not(members, open_preset, trac_for_members, ask):
    inside = outcome(members, ask("status=closed"))
    outside = outcome(open_preset("trac", trac_for_members.url), ask("status=closed"))

    assert inside.value == 6.0
    assert outside.kind is ErrorKind.AUTH


def test_a_misspelt_field_is_refused_because_trac_counts_something_else(members, trac_for_all, ask):
    found = outcome(members, ask("stauts=closed"))

    assert counted_without_krd(trac_for_all, "stauts=closed") == 12
    assert found.kind is ErrorKind.BAD_QUERY
    assert "; write status, or name a field of your own" in found.message


def test_created_is_refused_because_trac_ignores_it(members, trac_for_all, ask):
    found = outcome(members, ask("created=$since..$until"))

    assert counted_without_krd(trac_for_all, "created=2020-01-01..2020-02-01") == 18
    assert found.kind is ErrorKind.BAD_QUERY
    assert "time=$since..$until" in found.message


@pytest.mark.parametrize("text", ["time=garbage", "changetime=$since", "time=yesterday..", "or", "  "])
def test_what_trac_cannot_read_is_refused_without_asking(open_preset, ask, text):
    with FaultServer("ok", table) as server:
        found = outcome(open_preset("trac", server.url), ask(text))

        assert server.requests == []
    assert found.kind is ErrorKind.BAD_QUERY


def test_an_unknown_value_is_zero_in_trac_so_a_canary_finds_it_out(open_preset, trac_for_all, ask):
    canary = {"query": "status=clsoed", "at_least": 1}
    connector = open_preset("trac", trac_for_all.url, canary=canary)

    assert outcome(connector, ask("status=clsoed")).value == 0.0
    health = connector.check(TEN)
    assert (health.ok, health.kind) == (False, ErrorKind.BAD_VALUE)
    assert "canary" in health.message


def test_a_field_of_ones_own_is_named_in_the_source(members, open_preset, trac_for_all, ask):
    assert outcome(members, ask("customer=acme")).value == 5.0
    found = outcome(open_preset("trac", trac_for_all.url), ask("customer=acme"))
    assert found.kind is ErrorKind.BAD_QUERY
    assert "`fields`" in found.message


def test_the_linter_tells_likely_mistakes_only_for_it_knows_no_fields_of_ones_own():
    kind = presets.load("trac")

    assert kind.problems("customer=acme") == []
    [problem] = kind.problems("status=closed&prioriti=critical")
    assert (problem.line, problem.column) == (1, 15)


def test_krd_signs_in_once_and_again_when_it_was_signed_out(members, trac_for_members, ask):
    assert outcome(members, ask("status=closed")).value == 6.0
    with closing(sqlite3.connect(trac_for_members.folder / "db" / "trac.db", timeout=10)) as database:
        before = database.execute("SELECT count(*) FROM auth_cookie").fetchone()[0]
        assert outcome(members, ask("status=!closed")).value == 12.0
        assert database.execute("SELECT count(*) FROM auth_cookie").fetchone()[0] == before
        database.execute("DELETE FROM auth_cookie")
        database.commit()

    signed_out = outcome(members, ask("status=closed"))
    again = outcome(members, ask("status=closed"))

    assert signed_out.kind is ErrorKind.TRANSIENT, "the password is still good: no reason for an alert"
    assert again.value == 6.0


def test_the_count_that_anybody_may_see_is_not_taken_when_the_cookie_is_taken_back(open_preset, ask):
    def stranger(_):
        taken = {"Set-Cookie": 'trac_auth=""; expires=Sun, 22 Nov 2026 11:09:20 GMT; HttpOnly; Path=/'}
        return response("200 OK", TABLE, taken, media="text/csv;charset=utf-8")

    with FaultServer("ok", stranger, welcome) as server:
        found = outcome(open_preset("trac", server.url, user="krd", password=PASSWORD), ask("status=closed"))

    assert found.kind is ErrorKind.TRANSIENT
    assert "signed us out" in found.message


def test_the_window_is_half_open_so_no_ticket_counts_twice(members, ask, as_of):
    every_half_hour = [
        ask("time=$since..$until", str(n), at=as_of - timedelta(minutes=30 * n)) for n in range(26)
    ]
    found = dict(members.fetch(every_half_hour, TEN))

    assert all(isinstance(one, Reading) for one in found.values())
    assert sum(one.value for key, one in found.items() if int(key) % 2 == 0) == 18.0


def test_an_empty_answer_is_no_count(open_preset, ask):
    with FaultServer("ok", lambda _: response("200 OK", b"", media="text/csv")) as server:
        found = outcome(open_preset("trac", server.url), ask("status=closed"))

    assert found.kind is ErrorKind.BAD_VALUE
