"""The program of the page about feeds: it survives a stream that is cut anywhere, and gives up on what can never work."""

import itertools
import re
import socket
import threading
import urllib.error
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "read-the-feeds.md"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
REFUSED = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def chunk(text):
    return f"{len(text):x}\r\n{text}\r\n".encode()


def change(seq):
    return f'id: {seq}\nevent: alert\ndata: {{"seq": {seq}}}\n\n'


@pytest.fixture
def answer():
    """Answer one connection after the other with these bytes; gives the address, and what was asked."""
    listening, asked = socket.create_server(("127.0.0.1", 0)), []
    listening.settimeout(10)
    threads = []

    def serve(answers):
        for text in answers:
            connection, _ = listening.accept()
            with connection:
                asked.append(connection.recv(10_000).decode())
                connection.sendall(text)

    def start(*answers):
        threads.append(threading.Thread(target=serve, args=(answers,)))
        threads[-1].start()
        return f"http://127.0.0.1:{listening.getsockname()[1]}/", asked

    yield start
    for thread in threads:
        thread.join(10)
    listening.close()


@pytest.fixture
def changes(monkeypatch):
    """Give the program's function that follows changes; it waits for nothing."""
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    program = {"__name__": "changes"}
    [text] = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    exec(text, program)
    return program["changes"]


def test_a_stream_that_is_cut_inside_a_chunk_goes_on_where_it_was(answer, changes):
    cut = HEAD + chunk(change(1)) + chunk(change(2))[:-12]
    url, asked = answer(cut, HEAD + chunk(change(2)))

    assert [one["seq"] for one in itertools.islice(changes(url), 2)] == [1, 2]
    assert "last-event-id: 1" in asked[1].lower()


def test_a_question_that_is_refused_is_not_asked_again(answer, changes):
    url, asked = answer(REFUSED)

    with pytest.raises(urllib.error.HTTPError) as told:
        next(changes(url))

    assert (told.value.code, len(asked)) == (400, 1)
    told.value.close()
