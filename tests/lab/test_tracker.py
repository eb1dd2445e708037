import json
import socket
import stat
import subprocess
import sys
import time
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collector.lab.desk import Desk, TicketRefused
from collector.lab.tracker import READER, Tracker, TrackerFailed, require_roundup


@pytest.fixture
def counted(get, tracker, tmp_path):
    """Count as krd does: with its own account, by a search."""
    password = (tmp_path / "secrets" / "tracker").read_text().strip()
    account = "Basic " + b64encode(f"{READER}:{password}".encode()).decode()

    def count(search):
        path = f"/rest/data/issue?@page_size=1&@verbose=0&{search}"
        status, _, text = get(tracker.port, path, Authorization=account, **{"X-Requested-With": "rest"})
        assert status == 200, text
        return json.loads(text)["data"]["@total_size"]

    return count


def test_a_tracker_is_ready_within_three_seconds(tmp_path):
    tracker = Tracker(tmp_path / "tracker", tmp_path / "password")
    begun = time.monotonic()
    tracker.start()
    tracker.wait()
    took = time.monotonic() - begun
    tracker.stop()
    assert took < 3


def test_a_ticket_is_told_with_its_priority_state_and_second(desk):
    before = datetime.now(UTC).replace(microsecond=0)
    opened = desk.open_ticket("Checkouts fail", "critical")
    (ticket,) = desk.tickets()
    assert (opened, "critical", "unread") == (ticket.id, ticket.priority, ticket.status)
    assert before <= ticket.opened <= before + timedelta(seconds=5)


def test_the_reader_counts_what_the_staff_opened(desk, counted):
    for priority in ("critical", "bug", "critical"):
        desk.open_ticket("Checkouts fail", priority)
    assert counted("priority=critical") == 2


def test_the_most_pressing_ticket_is_resolved_first_and_of_those_the_oldest(desk):
    opened = [desk.open_ticket("one", priority) for priority in ("bug", "critical", "urgent", "critical")]
    assert [desk.resolve_next() for _ in range(5)] == [opened[1], opened[3], opened[2], opened[0], None]


def test_resolving_leaves_the_ticket_countable(desk, counted):
    desk.open_ticket("Checkouts fail", "critical")
    desk.resolve_next()
    assert (counted("priority=critical"), counted("status=resolved")) == (1, 1)


def test_a_wrong_password_is_refused_by_the_tracker(tracker):
    with pytest.raises(TicketRefused, match=r"answered 40[13]"):
        Desk(tracker.port, "shop", "wrong").open_ticket("one", "bug")


def test_a_tracker_that_is_away_is_said_so(tracker):
    desk = tracker.desk()
    tracker.stop()
    with pytest.raises(TicketRefused, match="does not answer GET issue"):
        desk.tickets()


def test_tickets_outlive_a_restart_at_another_address_with_new_passwords(tmp_path):
    told = []
    for _ in range(2):
        tracker = Tracker(tmp_path / "tracker", tmp_path / "password")
        tracker.start()
        tracker.wait()
        tracker.desk().open_ticket("one", "bug")
        told.append((tracker.port, (tmp_path / "password").read_text(), len(tracker.desk().tickets())))
        tracker.stop()
    (port, password, count), (other_port, other_password, other_count) = told
    assert port != other_port
    assert password != other_password
    assert (count, other_count) == (1, 2)


def test_tickets_and_password_are_the_owners_alone(tracker, tmp_path):
    places = [tmp_path / "tracker", tmp_path / "secrets", tmp_path / "secrets" / "tracker"]
    assert [stat.S_IMODE(place.stat().st_mode) for place in places] == [0o700, 0o700, 0o600]


def test_no_password_stands_on_the_command_line_or_in_the_environment(tracker, tmp_path):
    process = Path(f"/proc/{tracker.pid}")
    shown = process.joinpath("cmdline").read_bytes() + process.joinpath("environ").read_bytes()
    assert (tmp_path / "secrets" / "tracker").read_bytes().strip() not in shown
    assert shown.count(b"=") == shown.count(b"PYTHONPATH=") == 1


def test_a_stopped_tracker_leaves_neither_process_nor_port(tmp_path):
    tracker = Tracker(tmp_path / "tracker", tmp_path / "password")
    tracker.start()
    tracker.wait()
    pid = tracker.pid
    tracker.stop()
    tracker.stop()
    assert not Path(f"/proc/{pid}").exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", tracker.port), timeout=1)


def test_a_tracker_stopped_before_it_was_ready_is_gone(tmp_path):
    tracker = Tracker(tmp_path / "tracker", tmp_path / "password")
    tracker.start()
    pid = tracker.pid
    tracker.stop()
    assert not Path(f"/proc/{pid}").exists()


KRD = """
import sys, time
from pathlib import Path
from collector.lab.tracker import Tracker
tracker = Tracker(Path(sys.argv[1]) / "tracker", Path(sys.argv[1]) / "password")
tracker.start()
tracker.wait()
print(tracker.pid, flush=True)
time.sleep(60)
"""


def test_the_tracker_ends_when_krd_is_killed(tmp_path, wait_until):
    words = [sys.executable, "-c", KRD, str(tmp_path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as krd:
        process = Path("/proc") / krd.stdout.readline().strip()
        assert process.exists()
        krd.kill()
    wait_until(lambda: not process.exists() or not (process / "cmdline").read_bytes())  # a zombie has none


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").touch()
    tracker = Tracker(tmp_path / "file" / "tracker", tmp_path / "password")
    with pytest.raises(TrackerFailed, match=r"Not a directory.*choose another directory"):
        tracker.start()
    tracker.stop()


def test_a_home_that_is_no_tracker_is_said_with_roundups_last_words(tmp_path):
    home = tmp_path / "tracker" / "home"
    home.mkdir(parents=True)
    (home / "config.ini").write_text("no tracker")
    tracker = Tracker(tmp_path / "tracker", tmp_path / "password")
    tracker.start()
    with pytest.raises(TrackerFailed, match=r"ended before it was ready: .+ \(see .*tracker\.log\)"):
        tracker.wait()
    tracker.stop()


def test_without_roundup_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "roundup", None)
    with pytest.raises(TrackerFailed) as raised:
        require_roundup()
    assert str(raised.value) == ("the lab's ticket tracker needs the package roundup: pip install 'krd[lab]'")
