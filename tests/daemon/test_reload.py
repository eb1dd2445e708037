"""Files that change are followed without a restart; files that cannot run change nothing and are told of once."""

import threading
from datetime import timedelta

import pytest

from collector.app import Running, build
from collector.daemon.loop import Daemon
from collector.daemon.reload import Reloaded
from collector.errors import StoreError

QUARTER = timedelta(minutes=15)
SIXTY = "{source: prod, query: vector(60), every: 15m}"
DRIFTING = "{source: prod, query: vector(95), every: 15m}"


@pytest.fixture
def shop(house, prom, receiver, at_once):
    """Give `write(**key_results)` for a shop with one source and one notifier."""
    server = prom()

    def write(url=server.url, **key_results):
        house.write(
            sources={"prod": f"{{kind: prometheus, url: '{url}', timeout: PT2S}}"},
            key_results={name.replace("_", "-"): body for name, body in key_results.items()},
            notify=f"{{hook: {{kind: webhook, url: '{receiver.url}'}}}}",
            alerts=at_once,
        )

    write.server = server
    return write


def break_files(house, text="nonsense: 1\n"):
    path = house.root / "krd.yaml"
    path.write_text(path.read_text() + text)


def deeds(house):
    with house.running.app.store.read() as tx:
        return tx.deeds()


def whys(house, subject):
    with house.running.app.store.read() as tx:
        moved = [item.transition for item in tx.transitions(0, 10_000)]
    return [
        (one.alert.kind.value, one.alert.state.value, one.why)
        for one in moved
        if one.alert.subject == subject
    ]


def test_a_new_key_result_is_read_and_the_old_ones_go_on(house, shop, eventually):
    shop(one=SIXTY)
    house.start()
    house.step(times=2)
    before = house.samples("one")
    readings = house.daemon.board.vitals().readings
    shop(one=SIXTY, two=SIXTY)

    assert house.reload() is Reloaded.DONE
    house.step()

    assert house.samples("one")[: len(before)] == before
    assert [slot for slot, *_ in house.samples("two")][-2:] == [slot for slot, *_ in house.samples("one")][
        -2:
    ]
    assert house.daemon.board.vitals().readings > readings, "the counters go on"
    eventually(lambda: deeds(house))
    (deed,) = deeds(house)
    assert (deed.actor, deed.action, deed.subject) == ("krd", "reload", str(house.root / "krd.yaml"))
    assert deed.detail["changes"] == 1
    assert deed.detail["changed"] == ["key result 2025-Q4:shop/two added"]


def test_files_that_say_the_same_change_nothing(house, shop):
    shop(one=SIXTY)
    house.start()
    daemon = house.daemon
    path = house.root / "krd.yaml"
    path.write_text("# a remark\n" + path.read_text())

    assert house.reload() is Reloaded.UNCHANGED
    assert house.daemon is daemon
    assert deeds(house) == []


def test_slots_that_pass_during_the_swap_are_healed_or_read_at_once(house, shop):
    shop(one=SIXTY)
    house.start()
    first = house.samples("one")[-1][0]
    shop(one=SIXTY, two=SIXTY)
    house.clock.advance(3 * QUARTER)  # nobody wakes the daemon that runs

    house.reload()

    slots = [slot for slot, *_ in house.samples("one") if slot > first]
    assert slots == [first + n * QUARTER for n in (1, 2, 3)]
    assert house.gaps("one") == []


def test_mistakes_keep_the_old_configuration_and_are_told_once_with_their_place(
    house, shop, receiver, eventually
):
    shop(one=SIXTY)
    house.start()
    daemon = house.daemon
    break_files(house)

    assert house.reload() is Reloaded.REJECTED
    assert house.reload() is Reloaded.REJECTED
    house.step()

    assert house.daemon is daemon
    assert house.samples("one")[-1][2] == "live"
    (letter,) = eventually(lambda: receiver.said("config_rejected"))
    assert letter["family"] == "daemon"
    assert letter["subject"] == str(house.root / "krd.yaml")
    assert f"{house.root / 'krd.yaml'}:" in letter["lines"][0]
    assert "nonsense" in letter["lines"][0]
    assert house.daemon.board.vitals().files_accepted is False


def test_another_mistake_is_told_too_and_mending_resolves_it_once(house, shop, receiver, eventually):
    shop(one=SIXTY)
    house.start()
    break_files(house)
    house.reload()
    break_files(house, "more: 2\n")
    house.reload()
    eventually(lambda: len(receiver.said("config_rejected", "first")) == 2)
    shop(one=SIXTY)

    assert house.reload() is Reloaded.UNCHANGED
    assert house.reload() is Reloaded.UNCHANGED
    house.step()  # two messages of a group keep their distance

    (letter,) = eventually(lambda: receiver.said("config_rejected", "resolved"))
    assert letter["title"].startswith("Files accepted")
    path = str(house.root / "krd.yaml")
    moves = [move for move in house.transitions() if move[0] == "config_rejected"]
    states = ["firing", "firing", "resolved"]  # the feeds have the other mistake, too
    assert moves == [("config_rejected", path, state) for state in states]
    assert house.daemon.board.vitals().files_accepted is True


def test_a_rejection_is_resolved_by_the_next_start_that_accepts(house, shop, receiver, eventually):
    shop(one=SIXTY)
    house.start()
    break_files(house)
    house.reload()
    eventually(lambda: receiver.said("config_rejected"))
    house.stop()
    shop(one=SIXTY)

    house.start()
    house.step()

    eventually(lambda: receiver.said("config_rejected", "resolved"))


def test_a_folder_of_key_results_that_is_not_there_ends_none_of_them(house, shop):
    shop(one=SIXTY)
    house.start()
    house.step(times=2)
    (house.root / "okrs").rename(house.root / "elsewhere")
    assert house.reload() is Reloaded.REJECTED
    assert house.verdict("one").as_of is not None
    (house.root / "elsewhere").rename(house.root / "okrs")
    assert house.reload() is Reloaded.UNCHANGED
    told = [state for kind, _, state in house.transitions() if kind == "config_rejected"]
    assert told == ["firing", "resolved"]
    assert "removed" not in {kind for kind, *_ in house.transitions()}


def test_a_krd_yaml_that_is_gone_is_a_rejection(house, shop, receiver, eventually):
    shop(one=SIXTY)
    house.start()
    (house.root / "krd.yaml").unlink()

    assert house.reload() is Reloaded.REJECTED
    (letter,) = eventually(lambda: receiver.said("config_rejected"))
    assert "krd.yaml" in letter["lines"][0]


@pytest.fixture
def broken_shop(house, shop, warehouse, receiver, at_once):
    """A shop with a key result whose question is refused, so that its alert fires."""

    def write(name, rest="", changes=""):
        path = warehouse() if not (house.root / "warehouse.db").exists() else house.root / "warehouse.db"
        house.write(
            sources={
                "prod": f"{{kind: prometheus, url: '{shop.server.url}'}}",
                "facts": f"{{kind: sql, url: 'sqlite:///{path}'}}",
            },
            key_results={
                "good": SIXTY,
                **(
                    {
                        name: {
                            "measure": "{source: facts, query: SELECT value FROM nowhere, every: 15m}",
                            "promise": f"from: 100, to: 50{rest}",
                        }
                    }
                    if name
                    else {}
                ),
            },
            notify=f"{{hook: {{kind: webhook, url: '{receiver.url}'}}}}",
            alerts=at_once,
        )

    return write


def test_a_removed_key_result_keeps_its_history_and_its_alert_is_closed_as_removed(
    house, broken_shop, receiver, eventually
):
    broken_shop("bad")
    house.start()
    house.step(times=2)
    assert ("bad_query", "2025-Q4:shop/bad", "firing") in house.transitions()
    (began,) = eventually(lambda: receiver.said("bad_query"))
    gaps = house.gaps("bad")
    broken_shop("")

    assert house.reload() is Reloaded.DONE

    assert house.gaps("bad") == gaps != []
    assert ("bad_query", "resolved", "removed from the files") in whys(house, "2025-Q4:shop/bad")
    assert [kr.address for kr, _ in house.daemon.board.verdicts()] == ["shop/good"]
    house.step()
    (ended,) = eventually(lambda: receiver.said("bad_query", "resolved"))
    assert (began["title"], ended["title"]) == (
        "Its query fails: Do bad",
        "Closed, removed from the files: Do bad",
    )
    assert ended["sentence"] == "What was open about it ends here; nothing recovered."
    assert (ended["fingerprint"], ended["episode"]) == (began["fingerprint"], began["episode"])


def test_a_renamed_key_result_takes_its_history_along_and_its_alert_is_closed_as_renamed(
    house, broken_shop, receiver, eventually
):
    broken_shop("bad")
    house.start()
    house.step(times=2)
    eventually(lambda: receiver.said("bad_query", "first"))
    gaps = house.gaps("bad")
    broken_shop("worse", ", was: [bad]")

    assert house.reload() is Reloaded.DONE

    assert house.gaps("worse")[: len(gaps)] == gaps != []
    assert house.gaps("bad") == []
    why = ("bad_query", "resolved", "renamed to 2025-Q4:shop/worse")
    assert why in whys(house, "2025-Q4:shop/bad")
    house.step()
    (ended,) = eventually(lambda: receiver.said("bad_query", "resolved"))
    assert ended["title"] == "Closed, renamed to 2025-Q4:shop/worse: Do bad"
    assert ended["subject"] == "shop/bad"


def test_a_promise_changed_while_its_alert_fires_is_judged_anew_at_once(house, shop, receiver, eventually):
    measure = "{source: prod, query: vector(95), every: 1h}"
    shop(one={"measure": measure, "promise": "from: 100, to: 50"})
    house.start()
    assert ("drift", "2025-Q4:shop/one", "firing") in house.transitions()
    mended = "from: 100, to: 95, changes: [{on: 2025-11-12, why: the target was wrong}]"
    shop(one={"measure": measure, "promise": mended})

    eventually(lambda: receiver.said("drift", "first"))
    house.reload()

    assert house.verdict("one").status.value == "on_track"
    why = ("drift", "resolved", "the promise was changed")
    assert [one for one in whys(house, "2025-Q4:shop/one") if one[0] == "drift"][-1] == why
    house.step()
    (ended,) = eventually(lambda: receiver.said("drift", "resolved"))
    assert ended["title"] == "Closed, the promise was changed: Do one"


def test_a_source_that_is_down_stays_down_over_a_reload_and_is_told_of_once(
    house, shop, receiver, eventually
):
    shop(one=SIXTY)
    house.start()
    shop.server.mode = "close"
    house.step(times=4)
    eventually(lambda: receiver.said("source_down"))
    shop(one=SIXTY, two=SIXTY)

    house.reload()
    house.step(times=2)

    assert house.daemon.board.sources()["prod"].down
    assert len(receiver.said("source_down")) == 1


def test_a_source_that_goes_with_its_alert_open_closes_it_for_that_reason(
    house, shop, prom, receiver, eventually
):
    shop(one=SIXTY)
    house.start()
    shop.server.mode = "close"
    house.step(times=4)
    eventually(lambda: receiver.said("source_down"))
    text = (house.root / "krd.yaml").read_text()
    (house.root / "krd.yaml").write_text(text.replace("prod:", "next:").replace(shop.server.url, prom().url))
    okrs = house.root / "okrs" / "shop.yaml"
    okrs.write_text(okrs.read_text().replace("source: prod", "source: next"))

    house.reload()

    eventually(lambda: ("source_down", "resolved", "removed from the files") in whys(house, "prod"))
    house.step()
    (ended,) = eventually(lambda: receiver.said("source_down", "resolved"))
    assert ended["title"] == "Closed, removed from the files: Source prod is down"
    assert "back" not in ended["title"] + ended["sentence"]
    assert set(house.daemon.board.sources()) == {"next"}


def test_a_daemon_that_cannot_start_leaves_the_one_before_running(house, shop, monkeypatch):
    shop(one=SIXTY)
    house.start()
    shop(one=SIXTY, two=SIXTY)
    start, refused = Daemon.start, []

    def refuse_once(self):
        if not refused:
            refused.append(self)
            raise StoreError("the disk is full")
        start(self)

    monkeypatch.setattr(Daemon, "start", refuse_once)

    assert house.reload() is Reloaded.FAILED
    house.step(times=2)
    assert [kr.address for kr, _ in house.daemon.board.verdicts()] == ["shop/one"]
    assert house.samples("one")[-1][0] > house.clock.now() - QUARTER
    assert house.daemon.board.vitals().files_accepted is False
    assert house.reload() is Reloaded.DONE
    assert [kr.address for kr, _ in house.daemon.board.verdicts()] == ["shop/one", "shop/two"]


def test_a_krd_that_fell_says_so_and_stands_up_again(house, shop, monkeypatch):
    shop(one=SIXTY)
    house.start()
    shop(one=SIXTY, two=SIXTY)

    def refuse(_):
        raise StoreError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(Daemon, "start", refuse)
        assert house.running.reload() is Reloaded.FAILED
        assert house.running.look_after_files() is Reloaded.POSTPONED
        (reason,) = house.daemon.board.ready()
        assert "the disk is full" in reason

    assert house.running.look_after_files() in (Reloaded.POSTPONED, Reloaded.DONE)
    house._count_loops(house.daemon)
    house.quiet()
    house.reload()
    assert [kr.address for kr, _ in house.daemon.board.verdicts()] == ["shop/one", "shop/two"]
    assert house.daemon.board.ready() == []


def test_a_reload_waits_until_the_store_accepts(house, shop, eventually):
    shop(one=SIXTY)
    house.start()
    shop(one=SIXTY, two=SIXTY)
    house.daemon.tally.refused("the disk is full")
    daemon = house.daemon

    assert house.running.reload() is Reloaded.POSTPONED
    assert house.daemon is daemon
    house.step()
    assert house.running.look_after_files() is Reloaded.DONE
    house._count_loops(house.daemon)
    house.quiet()


def test_a_round_that_hangs_holds_up_a_reload_for_a_few_seconds_at_most(house, shop, prom):
    shop(one=SIXTY)
    house.start()
    shop.server.mode = "hang"
    threading.Timer(0.1, house.daemon._alarm.ring).start()
    house.clock.advance(QUARTER)
    shop(one=SIXTY, two=SIXTY, url=prom().url)

    assert house.reload() is Reloaded.DONE
    assert house.samples("one")[-1][0] > house.clock.now() - QUARTER


def test_an_edit_between_reading_and_running_is_applied(house, shop):
    shop(one=SIXTY)
    app = build(house.settings, house.clock)
    shop(one=SIXTY, two=SIXTY)
    house.running = Running(app)
    house._count_loops(house.daemon)
    house.running.start()

    assert [house.running.look_after_files() for _ in range(2)] == [Reloaded.UNCHANGED, Reloaded.DONE]
    house._count_loops(house.daemon)
    house.quiet()
    assert [kr.address for kr, _ in house.daemon.board.verdicts()] == ["shop/one", "shop/two"]


def test_the_files_that_run_are_no_change(house, shop):
    (house.root / "okrs").mkdir()
    (house.root / "okrs" / "sixty.promql").write_text("\ufeffvector(60)\n", "utf-8")
    shop(one="{source: prod, query: {file: sixty.promql}, every: 15m}")
    house.start()
    daemon = house.daemon
    assert [house.running.look_after_files() for _ in range(3)] == [Reloaded.UNCHANGED] * 3
    assert not house.running._files.changed()
    assert house.daemon is daemon


@pytest.fixture
def left_alone(house, shop, receiver, eventually):
    """A house whose notifier asked to be left alone for an hour, and how it stands."""
    shop(one=DRIFTING)
    house.start()
    eventually(lambda: receiver.said("drift"))
    receiver.letters.clear()
    receiver.answers = [(429, {"retry-after": "3600"})]
    break_files(house)
    house.reload()
    [desk] = house.daemon._announcers._desks
    eventually(lambda: desk.line.pace.rests_until)
    return desk


def test_a_reload_goes_on_leaving_a_notifier_alone_that_asked_for_it(house, shop, receiver, left_alone):
    shop(one=DRIFTING, two=SIXTY)
    assert house.reload() is Reloaded.DONE
    [desk] = house.daemon._announcers._desks
    assert desk is not left_alone
    assert desk.line.pace == left_alone.line.pace
    assert (desk.trouble._why, desk.trouble._wrong_at) == (
        left_alone.trouble._why,
        left_alone.trouble._wrong_at,
    )
    assert len(receiver.letters) == 1


def test_a_notifier_with_another_address_is_not_left_alone_for_what_the_old_one_asked(
    house, shop, receiver, left_alone
):
    shop(one=DRIFTING)
    path = house.root / "krd.yaml"
    path.write_text(path.read_text().replace("/hook'", "/another'"))
    assert house.reload() is Reloaded.DONE
    [desk] = house.daemon._announcers._desks
    assert desk.line.pace.rests_until is None
