"""A secret file that is being rewritten: never used half-written, picked up when it is complete."""

import threading
import time

import pytest

from connectors import secret_file
from connectors.secret import Secret, SecretUnavailable

FIRST, SECOND = "first-" + "a" * 40, "second-" + "b" * 40


@pytest.fixture
def place(tmp_path):
    return tmp_path / "token"


@pytest.fixture
def secret(place):
    place.write_text(FIRST + "\n")
    return Secret(str(place), "file")


@pytest.fixture
def writing(place):
    """Give `begin(pieces, pause)`: a thread truncates the file and writes the pieces with pauses between."""
    threads = []

    def begin(pieces, pause, within=lambda: None):
        opened = threading.Event()

        def write():
            with place.open("w") as file:
                opened.set()
                for piece in pieces:
                    time.sleep(pause)
                    file.write(piece)
                    file.flush()
            within()

        threads.append(threading.Thread(target=write))
        threads[-1].start()
        opened.wait(5)
        return threads[-1]

    yield begin
    for thread in threads:
        thread.join(10)


def test_a_secret_that_is_rewritten_in_pieces_is_never_used_half_written(secret, writing):
    assert secret.reveal() == FIRST
    thread = writing(list(SECOND), 0.03)
    used = set()
    while thread.is_alive():
        used.add(secret.reveal())
    assert used <= {FIRST, SECOND}
    assert secret.reveal() == SECOND


def test_an_empty_file_is_one_whose_writer_has_only_begun(secret, writing):
    secret.reveal()
    writing([SECOND], 3.0)
    assert secret.reveal() == FIRST


def test_a_writer_who_pauses_in_the_middle_is_waited_for(secret, writing):
    secret.reveal()
    writing([SECOND[:6], SECOND[6:]], 0.5)
    time.sleep(0.6)
    assert secret.reveal() == SECOND


def test_a_file_that_takes_the_place_of_the_old_one_is_used_at_once(secret, place):
    secret.reveal()
    new = place.with_suffix(".new")
    new.write_text(SECOND)
    new.rename(place)
    began = time.monotonic()
    assert secret.reveal() == SECOND
    assert time.monotonic() - began < secret_file.IN_PLACE


def test_a_short_wait_is_enough_for_a_quick_writer(secret, writing):
    secret.reveal()
    writing([SECOND], 0.2)
    assert secret.reveal() == SECOND


def test_a_complete_secret_is_used_at_the_next_use(secret, place):
    secret.reveal()
    place.write_text(SECOND)
    assert secret.reveal() == SECOND


def test_a_use_waits_for_a_writer_only_so_long(secret, writing):
    secret.reveal()
    writing(["x"] * 40, 0.03)
    began = time.monotonic()
    secret.reveal()
    assert time.monotonic() - began < secret_file.IN_PLACE + secret_file.PATIENCE + 0.3


def test_a_file_that_stays_empty_was_emptied_on_purpose(secret, place, monkeypatch):
    monkeypatch.setattr(secret_file, "EMPTY_LASTS", 0.2)
    secret.reveal()
    place.write_text("")
    assert secret.reveal() == FIRST
    time.sleep(0.25)
    with pytest.raises(SecretUnavailable, match="is empty"):
        secret.reveal()


def test_a_file_that_never_held_still_is_not_used_at_all(place, writing):
    writing(["canary"] * 60, 0.03)
    with pytest.raises(SecretUnavailable, match="still being written") as caught:
        Secret(str(place), "file").reveal()
    assert "canary" not in str(caught.value)


def test_an_unchanged_secret_is_not_waited_for(secret):
    secret.reveal()
    began = time.monotonic()
    for _ in range(100):
        secret.reveal()
    assert time.monotonic() - began < 0.5
