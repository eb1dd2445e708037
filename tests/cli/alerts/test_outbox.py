"""`krd alerts outbox`: what waits, what was given up, and another try for it."""

from datetime import timedelta

import pytest

from collector.ports.store import Disabled, LetterState


@pytest.fixture
def post(alarms):
    """Give three letters: one sent, one refused, and one that waits for its second try."""
    for number, subject in enumerate(("latency", "calls", "slow")):
        alarms.post(alarms.fire("breach", f"now:shop/{subject}"), at=alarms.ago(minutes=9 - number))
    alarms.sent = alarms.settle(LetterState.SENT)
    alarms.dead = alarms.settle(LetterState.DEAD, "HTTP 400: no such channel")
    alarms.waits = alarms.settle(LetterState.DUE, "HTTP 503", due=alarms.now + timedelta(hours=1))
    return alarms


def letters(alarms, *more):
    return alarms.krd("alerts", "outbox", *more, "-o", "json").json["letters"]


def disable(alarms):
    from collector.app import build  # noqa: PLC0415 - only here
    from collector.configuration.settings import Database, Settings  # noqa: PLC0415 - as above

    settings = Settings(
        config=alarms.folder / "config", database=Database(url=f"sqlite:///{alarms.folder}/krd.db")
    )
    app = build(settings)
    entry = app.configuration.notifiers["terminal"]
    app.close()
    with alarms.store.write() as tx:
        tx.disable(Disabled("terminal", entry.digest, alarms.now, "HTTP 410: gone"))


def test_what_waits_and_what_is_dead_is_listed_with_tries_and_failures(post):
    told = post.krd("alerts", "outbox", "-o", "json").json

    assert told["notifiers"] == [{"notifier": "terminal", "due": 1, "sent": 1, "dead": 1, "disabled": None}]
    assert [(one["id"], one["state"], one["attempts"], one["failure"]) for one in told["letters"]] == [
        (post.waits, "due", 1, "HTTP 503"),
        (post.dead, "dead", 1, "HTTP 400: no such channel"),
    ]
    assert told["letters"][0]["due"] == (post.now + timedelta(hours=1)).isoformat()
    assert told["letters"][1]["due"] is None


def test_the_table_counts_by_notifier_and_names_the_failure(post):
    out = post.krd("alerts", "outbox").out

    assert out.splitlines()[0] == "terminal: 1 due, 1 sent, 1 dead"
    assert "HTTP 400: no such channel" in out


def test_bare_outbox_and_its_list_are_the_same(post):
    assert post.krd("alerts", "outbox").out == post.krd("alerts", "outbox", "list").out


@pytest.mark.parametrize(("state", "names"), [("due", ["waits"]), ("sent", ["sent"]), ("dead", ["dead"])])
def test_letters_of_one_state_are_listed_alone(post, state, names):
    assert [one["id"] for one in letters(post, "--state", state)] == [getattr(post, name) for name in names]


def test_an_empty_outbox_says_so_with_its_notifiers(quiet_world):
    assert quiet_world.krd("alerts", "outbox").out == "terminal: 0 due, 0 sent, 0 dead\n"


def test_an_unknown_notifier_is_wrong_usage(post):
    told = post.krd("alerts", "outbox", "--notifier", "termnal")

    assert told.code == 2
    assert "did you mean terminal?" in told.err


def test_a_letter_of_a_notifier_that_the_files_no_longer_name_is_still_counted(post):
    with post.store.write() as tx:
        [letter] = tx.letters([LetterState.DEAD])
    post.change("config/krd.yaml", "terminal:", "screen:")

    told = post.krd("alerts", "outbox", "--notifier", "terminal", "-o", "json").json

    assert [one["dead"] for one in told["notifiers"]] == [1]
    assert letter.id in [one["id"] for one in told["letters"]]


def test_a_disabled_notifier_is_shown_with_the_reason(post):
    disable(post)

    told = post.krd("alerts", "outbox")

    assert told.out.splitlines()[0] == "terminal: 1 due, 1 sent, 1 dead; sends nothing: HTTP 410: gone"


def test_a_dead_letter_is_tried_again_by_its_number(post):
    told = post.krd("alerts", "outbox", "retry", post.dead, "--by", "Li", "-o", "json")

    assert (told.code, told.json) == (
        0,
        {"revived": 1, "hurried": 0, "enabled": [], "overtaken": [], "strange": []},
    )
    [one] = [one for one in letters(post) if one["id"] == post.dead]
    assert (one["state"], one["attempts"], one["failure"]) == ("due", 0, None)
    [line] = [one for one in post.krd("audit", "-o", "json").json if one["action"] == "retry"]
    assert (line["actor"], line["detail"]["revived"]) == ("Li", 1)


@pytest.mark.parametrize("words", [["--notifier", "terminal"], ["--all"]])
def test_a_notifier_is_enabled_and_all_it_has_is_tried_again(post, words):
    disable(post)

    told = post.krd("alerts", "outbox", "retry", *words, "-o", "json")

    assert told.json == {
        "revived": 1, "hurried": 1, "enabled": ["terminal"], "overtaken": [], "strange": [],
    }  # fmt: skip
    assert post.krd("alerts", "outbox", "-o", "json").json["notifiers"][0]["disabled"] is None


def test_what_is_tried_again_is_sent_by_the_next_pass_under_its_own_id(post):
    event = next(one["event"] for one in letters(post) if one["id"] == post.dead)
    post.krd("alerts", "outbox", "retry", post.dead)

    with post.store.write() as tx:
        bundle = tx.claim("terminal", post.now + timedelta(seconds=30), post.now + timedelta(minutes=2))

    assert bundle.id == event


@pytest.mark.parametrize(
    "words",
    [[], ["1", "--all"], ["--all", "--notifier", "terminal"], ["one"]],
    ids=["nothing", "two ways", "two other ways", "no number"],
)
def test_what_to_try_is_said_in_one_way(post, words):
    told = post.process("alerts", "outbox", "retry", *words)

    assert (told.code, told.out) == (2, "")


def test_nothing_to_try_again_is_told_and_ends_with_1(post):
    told = post.krd("alerts", "outbox", "retry", post.sent)

    assert (told.code, told.out) == (1, "")
    assert "nothing was tried again" in told.err
    assert [one for one in post.krd("audit", "-o", "json").json if one["action"] == "retry"] == []


@pytest.fixture
def overtaken(alarms):
    """Give the number of a refused letter that something began, whose end was sent."""
    alarms.post(alarms.fire("guardrail", "now:shop/latency"))
    number = alarms.settle(LetterState.DEAD, "HTTP 403")
    alarms.post(alarms.clear("guardrail", "now:shop/latency"))
    alarms.settle(LetterState.SENT)
    return number


@pytest.mark.parametrize("words", [[], ["--notifier", "terminal"], ["--all"]])
def test_a_letter_that_a_later_one_has_overtaken_stays_dead_and_that_is_told(alarms, overtaken, words):
    told = alarms.krd("alerts", "outbox", "retry", *(words or [overtaken]))

    assert (told.code, told.out) == (1, "")
    assert f"1 dead letter stays so, a later one about the same came after: {overtaken}" in told.err
    assert [(one["id"], one["state"]) for one in letters(alarms)] == [(overtaken, "dead")]


def test_what_is_left_alone_is_counted_beside_what_is_tried_again(post, overtaken):
    told = post.krd("alerts", "outbox", "retry", post.dead, overtaken, 9999, "-o", "json").json

    assert (told["revived"], told["overtaken"], told["strange"]) == (1, [overtaken], [9999])


def test_numbers_that_no_dead_letter_has_are_named(post):
    told = post.krd("alerts", "outbox", "retry", post.dead, 9999)
    none = post.krd("alerts", "outbox", "retry", 9999)

    assert (told.code, "no dead letter has the number 9999" in told.out) == (0, True)
    assert (none.code, "no dead letter has the number 9999" in none.err) == (1, True)


def test_hostile_failures_stay_text(post):
    with post.store.write() as tx:
        tx.revive(post.now, letters=[post.dead])
    post.settle(LetterState.DEAD, "=cmd()\x1b[31m")

    assert "\x1b" not in post.krd("alerts", "outbox").out
    assert ",'=cmd()" in post.krd("alerts", "outbox", "-o", "csv").out
