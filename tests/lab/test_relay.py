import socket
import threading
import time

import pytest

from collector.lab.relay import Relay


@pytest.fixture
def echo():
    """A port that gives every byte back, after the client's goodbye its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    threads = []

    def serve(connection):
        with connection:
            try:
                while chunk := connection.recv(65536):
                    connection.sendall(chunk)
            except ConnectionError:
                return

    def admit():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threads.append(threading.Thread(target=serve, args=(connection,)))
            threads[-1].start()

    admitting = threading.Thread(target=admit)
    admitting.start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    admitting.join()
    listener.close()
    for thread in threads:
        thread.join()


def said_back(port, words=b"hello"):
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        line.sendall(words)
        line.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: line.recv(65536), b""))


def test_bytes_come_through_both_ways(relay_to, echo):
    assert said_back(relay_to(echo).port) == b"hello"


def test_more_than_any_buffer_holds_comes_through(relay_to, echo):
    words = bytes(range(256)) * 1000
    assert said_back(relay_to(echo).port, words) == words


def test_a_cut_refuses_new_connections(relay_to, echo):
    relay = relay_to(echo)
    relay.cut()
    with pytest.raises(ConnectionRefusedError):
        said_back(relay.port)


def test_a_cut_ends_the_connections_there_are(relay_to, echo):
    relay = relay_to(echo)
    with socket.create_connection(("127.0.0.1", relay.port), timeout=5) as line:
        line.sendall(b"x")
        assert line.recv(1) == b"x"
        relay.cut()
        assert line.recv(1) == b""


def test_a_joined_line_carries_again_at_the_same_address(relay_to, echo):
    relay = relay_to(echo)
    before = relay.url
    for _ in range(20):
        relay.cut()
        relay.join()
        assert said_back(relay.port) == b"hello"
    assert before == relay.url


def test_nobody_else_gets_the_port_of_a_cut_line(relay_to, echo):
    relay = relay_to(echo)
    relay.cut()
    drawn = []
    for _ in range(50):
        drawn.append(socket.socket())
        drawn[-1].bind(("127.0.0.1", 0))
    ports = {one.getsockname()[1] for one in drawn}
    for one in drawn:
        one.close()
    with socket.socket() as thief, pytest.raises(OSError, match="in use"):
        thief.bind(("127.0.0.1", relay.port))
    assert relay.port not in ports


def test_cutting_and_joining_twice_is_harmless(relay_to, echo):
    relay = relay_to(echo)
    relay.cut()
    relay.cut()
    relay.join()
    relay.join()
    assert relay.joined


def test_a_source_that_is_down_closes_the_connection(relay_to):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        relay = relay_to(nobody.getsockname()[1])
        with socket.create_connection(("127.0.0.1", relay.port), timeout=5) as line:
            assert line.recv(1) == b""


def test_a_cut_while_many_are_talking_leaves_no_thread(relay_to, echo):
    relay = relay_to(echo)
    lines = [socket.create_connection(("127.0.0.1", relay.port), timeout=5) for _ in range(30)]
    for line in lines:
        line.sendall(b"x")
    relay.cut()
    ends = time.monotonic() + 5
    while any(t.name.startswith("lab-relay") for t in threading.enumerate()) and time.monotonic() < ends:
        time.sleep(0.02)
    left = [t.name for t in threading.enumerate() if t.name.startswith("lab-relay")]
    for line in lines:
        line.close()
    assert left == []


def test_a_stopped_relay_gives_its_port_back(echo):
    relay = Relay(echo)
    relay.start()
    relay.stop()
    with socket.socket() as next_one:
        next_one.bind(("127.0.0.1", relay.port))
        assert next_one.getsockname()[1] == relay.port
