"""A krd that tests fork from a process that has imported it is what one is that begins cold: to the system, and in what it does."""

import os
import signal
import socket
from pathlib import Path
from subprocess import TimeoutExpired

import pytest

from tests.forked import Forked, cold, forked

BEGINNINGS = pytest.mark.parametrize("begin", [cold, Forked])


@pytest.fixture
def silent(world):
    """A source that takes questions and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        world.change(
            "config/krd.yaml", "sources:\n", f'sources:\n  slow: {{kind: prometheus, url: "{url}"}}\n'
        )
        yield listener


def seen(process):
    """What the system knows of a process: its signals, its group and session, its folder, and what it has open."""
    place = Path("/proc") / str(process.pid)
    status = dict(line.split(":\t", 1) for line in (place / "status").read_text().splitlines())
    opened = sorted(f"{one.name} {str(one.readlink()).partition(':')[0]}" for one in (place / "fd").iterdir())
    signals = [status[name] for name in ("SigBlk", "SigIgn", "SigCgt")]
    return (
        signals,
        status["Umask"],
        os.getpgid(process.pid),
        os.getsid(process.pid),
        (place / "cwd").readlink(),
        opened,
    )


def test_the_system_sees_no_difference(world, silent):
    seen_of = {}
    for begin in (cold, Forked):
        process = world.start("sources", "check", "slow", begin=begin)
        with silent.accept()[0]:
            seen_of[begin] = seen(process)
            process.kill()
            process.communicate(timeout=30)
            assert process.returncode == process.poll() == -signal.SIGKILL

    assert seen_of[Forked] == seen_of[cold]


def test_ctrl_c_ends_it_quietly_with_130(world, silent):
    process = world.start("sources", "check", "slow")
    with silent.accept()[0]:
        process.send_signal(signal.SIGINT)
        out, said = process.communicate(timeout=20)

    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in said


@BEGINNINGS
def test_it_has_the_variables_and_the_encoding_that_it_is_given(world, begin):
    told = world.process("plan", begin=begin, PYTHONIOENCODING="latin-1:backslashreplace")
    refused = world.process("plan", begin=begin, KRD_WEB__LISTEN="nowhere")

    assert (told.code, "100 \\u2192 50 ms" in told.out) == (0, True)
    assert (refused.code, "KRD_WEB__LISTEN" in refused.err) == (2, True)


@BEGINNINGS
def test_it_dies_where_a_variable_says(world, begin):
    assert world.process("once", "-q", begin=begin, KRD_CRASH_AT="write_ending").code == -signal.SIGKILL


def test_one_that_takes_too_long_is_dead_when_that_is_told(world, silent):
    with pytest.raises(TimeoutExpired):
        forked(["sources", "check", "slow"], world.folder, {"HOME": str(world.folder)}, 4)
    with silent.accept()[0] as asked:
        asked.settimeout(10)
        while asked.recv(65_536):  # to the end of what it said: nobody holds the other side
            pass


def test_waiting_for_one_that_goes_on_ends_in_time(world, silent):
    process = world.start("sources", "check", "slow")
    with silent.accept()[0], pytest.raises(TimeoutExpired):
        process.wait(0.1)
    assert process.poll() is None
    process.terminate()
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGTERM
