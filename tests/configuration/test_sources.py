"""Sources of the kinds that are really there: their options, and the queries that each takes."""

import pytest

from collector.configuration.load import load
from collector.registry.kinds import catalogue as catalogue_of_kinds
from connectors.api import Secret

TICKETS = "{source: tickets, window: cycle, query: %s}"
FEW = "total: {at_most: 3}"
SOURCES = {
    "jira": "{kind: jira, url: 'https://acme.example', user: bot, token: {file: jira-token}}",
    "jira_dc": "{kind: jira_dc, url: 'https://jira.example', token: {env: JIRA}}",
    "roundup": "{kind: roundup, url: 'https://bugs.example', user: krd, password: {file: secrets/bugs}}",
    "trac": "{kind: trac, url: 'https://trac.example/shop'}",
    "github": "{kind: github, token: {env: GITHUB}}",
}
QUESTIONS = {
    "jira": "'created >= $since AND created < $until'",
    "jira_dc": "'created >= $since AND created < $until'",
    "roundup": "'creation=from $since to $until'",
    "trac": "'time=$since..$until'",
    "github": "'repo:acme/shop is:issue created:$since..$until'",
}


@pytest.fixture
def tickets(files):
    """Load one total of tickets of a kind: `tickets(kind, source=…, query=…)`."""

    def read(kind, source=None, query=None):
        krd = files.KRD.replace("notify:", f"  tickets: {source or SOURCES[kind]}\nnotify:")
        okrs = (
            files.OKRS.replace(
                "{source: prod, unit: ms, query: latency}", TICKETS % (query or QUESTIONS[kind])
            )
            .replace("from: 120", FEW)
            .replace("        to: 60\n", "")
        )
        files.write("krd.yaml", krd)
        files.write("okrs/team.yaml", okrs)
        return load(files.root, catalogue_of_kinds(), at=files.AT, first_runs={})

    return read


@pytest.mark.parametrize("kind", SOURCES)
def test_tickets_are_counted_at_every_kind_of_tracker(tickets, kind):
    loaded = tickets(kind)
    assert loaded.findings == ()
    (found,) = loaded.required().okrs.key_results.values()
    assert (found.not_run, str(found.binding.every)) == (None, "1h")


def test_the_secret_of_a_tracker_is_relative_to_the_naming_file(files, tickets):
    options = tickets("roundup").required().sources["tickets"].options
    assert options.password == Secret(place=str(files.root / "secrets/bugs"), kind="file")


def test_a_wrong_option_of_a_tracker_is_told_at_its_place(tickets):
    (only,) = tickets("jira", source="{kind: jira, url: 'https://acme.example', user: bot, tokn: x}").errors[
        1:
    ]
    assert (only.code, only.place.line, only.what) == ("KRD201", 8, "the key `tokn` is unknown here")


@pytest.mark.parametrize("kind", SOURCES)
def test_a_text_with_a_beginning_and_no_end_is_refused(tickets, kind):
    query = (
        QUESTIONS[kind].replace(" AND created < $until", "").replace(" to $until", "").replace("$until", "")
    )
    (only,) = tickets(kind, query=query).errors
    assert only.place.line == 10
    assert "$since" in only.what
    assert "$until" in only.what


def test_a_tracker_whose_dates_say_nothing_is_pointed_out(tickets):
    found = tickets("jira", query="'priority = P1'").findings
    assert [(one.code, one.level) for one in found] == [("KRD505", "warning")]


def test_a_warehouse_may_say_how_far_it_is_loaded(files):
    krd = files.KRD.replace(
        "url: {env: WAREHOUSE_URL}",
        'url: {env: WAREHOUSE_URL}, loaded_until: {query: "SELECT max(at) FROM runs"}',
    )
    assert files.findings(krd=krd) == []


def test_a_canary_of_a_kind_without_one_is_noted(files):
    krd = files.KRD.replace("kind: prometheus,", "kind: prometheus, canary: {query: up},")
    assert files.findings(krd=krd) == [
        "krd.yaml:6:28: note KRD902: `canary` is understood, and not acted on yet"
    ]


def test_plausible_and_settle_are_acted_on_without_a_word(files):
    okrs = files.OKRS.replace("query: latency", "query: latency, plausible: [1, 60000], settle: 3d")
    assert files.findings(okrs=okrs) == []
