"""What each notifier hears and how it is spoken to, as `notify` writes it and as its kind is."""

from datetime import timedelta

import pytest

from collector.domain.announcement import Severity
from collector.ports.catalogue import Only, Traits

HOOK = "{kind: webhook, url: {env: HOOK}, secret: {env: KEY}}"


@pytest.fixture
def entry(files):
    """The notifier of such an entry."""

    def read(written, more=None):
        krd = files.KRD.replace("terminal: {kind: console}", f"terminal: {written}")
        loaded = files.load(krd=krd, more=more)
        assert loaded.findings == ()
        return loaded.required().notifiers["terminal"]

    return read


def test_a_notifier_hears_everything_unless_it_says_otherwise(entry):
    assert entry("{kind: console}").only == Only()


def test_a_notifier_says_what_it_wants_to_hear(entry):
    only = (
        "{kinds: [slo_burn, brief, value_due, test], families: [value], severity: page, teams: [shop],"
        " commitment: committed}"
    )
    assert entry(f"{{kind: console, only: {only}}}").only == Only(
        kinds=frozenset({"slo_burn", "brief", "value_due", "test"}),
        families=frozenset({"value"}),
        severity=Severity.PAGE,
        teams=frozenset({"shop"}),
        commitments=frozenset({"committed"}),
    )


def test_people_are_left_in_peace_at_night_and_machines_are_not(entry):
    assert entry("{kind: console}").traits == Traits(groups=True, alerts_only=False, quiet=True, rate=1.0)
    assert entry("{kind: beeper}").traits == Traits(
        groups=False, alerts_only=True, quiet=False, rate=20.0, resend=timedelta(minutes=1)
    )


@pytest.mark.parametrize(("kind", "quiet"), [("console", "false"), ("beeper", "true")])
def test_an_entry_may_want_it_otherwise_than_its_kind(entry, kind, quiet):
    assert entry(f"{{kind: {kind}, quiet: {quiet}}}").traits.quiet is (quiet == "true")


def test_a_configuration_is_told_from_another_by_its_options(entry):
    first = entry(HOOK).digest
    assert entry("{url: {env: HOOK}, kind: webhook,  secret: {env: 'KEY'}}").digest == first
    others = {
        entry("{kind: webhook, url: {env: OTHER}, secret: {env: KEY}}").digest,
        entry("{kind: webhook, url: {file: HOOK}, secret: {env: KEY}}").digest,
        entry("{kind: webhook, url: {env: HOOK}}").digest,
        entry("{kind: slack, url: {env: HOOK}}").digest,
    }
    assert len(others | {first}) == 5


def test_whom_it_tells_and_when_makes_no_other_configuration(entry):
    assert entry(HOOK.replace("}}", "}, quiet: true, only: {severity: page}}")).digest == entry(HOOK).digest


def test_a_secret_enters_no_configuration(entry, monkeypatch):
    hook = "{kind: webhook, url: {file: hook}, secret: {env: KEY}}"
    digests = set()
    for secret in ("one", "two"):
        monkeypatch.setenv("KEY", secret)
        digests.add(entry(hook, more={"hook": secret}).digest)
    assert len(digests) == 1


def test_where_krd_is_started_from_makes_no_other_configuration(files, entry, monkeypatch):
    from_here = entry("{kind: slack, url: {file: hook}}").digest
    deep = files.root / "deep"
    deep.mkdir()
    monkeypatch.chdir(deep)
    loaded = files.again("../krd.yaml").required().notifiers["terminal"]
    assert loaded.options.url.place == "../hook"
    assert loaded.digest == from_here


def unheard(files, written):
    krd = files.KRD.replace("terminal: {kind: console}", f"terminal: {written}")
    return [(one.code, one.level.value, one.what) for one in files.load(krd=krd).findings]


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (
            "{kind: beeper, only: {kinds: [brief]}}",
            "the kind beeper is told alerts alone, and `kinds` names none that is told",
        ),
        (
            "{kind: beeper, only: {families: [news]}}",
            "the kind beeper is told alerts alone, and `families` names none that is told",
        ),
        (
            "{kind: console, only: {kinds: [removed]}}",
            "`kinds` names news alone, which stand in the feeds and the brief",
        ),
        (
            "{kind: console, only: {kinds: [drift], families: [data]}}",
            "`families` leaves nothing of what `kinds` let through",
        ),
        (
            "{kind: console, only: {kinds: [brief], severity: ticket}}",
            "`severity` leaves nothing of what `kinds` let through",
        ),
        (
            "{kind: console, only: {kinds: [brief], families: [news], severity: page}}",
            "`severity` leaves nothing of what `kinds` and `families` let through",
        ),
    ],
)
def test_a_notifier_that_would_never_hear_anything_is_pointed_out(files, written, why):
    assert unheard(files, written) == [
        ("KRD703", "warning", f"the notifier `terminal` would never hear anything: {why}")
    ]


@pytest.mark.parametrize(
    "only",
    [
        "{severity: page}",
        "{families: [news]}",
        "{kinds: [escalation], severity: ticket}",
        "{kinds: [brief, drift], families: [value]}",
        "{commitment: aspirational, families: [daemon]}",
    ],
)
def test_a_notifier_that_hears_something_is_left_in_peace(files, only):
    assert unheard(files, f"{{kind: console, only: {only}}}") == []
