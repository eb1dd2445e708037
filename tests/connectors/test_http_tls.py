"""Certificates are always checked, by both clients. The two key pairs beside this file serve nothing but these tests."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.api import ErrorKind
from connectors.auth import AuthenticatedOptions, Authentication
from connectors.http import Reply
from connectors.http_client import HttpClient
from connectors.prometheus_session import Envelope, PrometheusApi
from connectors.testing.fault_server import response

SERVER = Path(__file__).with_name("server.pem")
CLIENT = Path(__file__).with_name("client.pem")
ANSWER = json.dumps({"status": "success", "data": {"resultType": "scalar", "result": [0, "1"]}}).encode()


class TlsServer:
    """Answers every connection once; `trickles` sends a byte a tenth of a second instead."""

    def __init__(self, *, asks_for_client=False):
        self.trickles = False
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(SERVER)
        if asks_for_client:
            self._context.verify_mode = ssl.CERT_REQUIRED
            self._context.load_verify_locations(CLIENT)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *error):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)

    def _serve(self):
        while True:
            try:
                raw, _ = self._listener.accept()
            except OSError:
                return
            with raw, contextlib.suppress(OSError), self._context.wrap_socket(raw, server_side=True) as peer:
                peer.settimeout(5)
                _drain(peer)
                if self.trickles:
                    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n")
                    for _ in range(40):
                        peer.sendall(b" ")
                        time.sleep(0.1)
                peer.sendall(response("200 OK", ANSWER, {"Connection": "close"}))


def _drain(peer):
    """Read a whole request: hanging up on unread bytes would reset the connection."""
    head = b""
    while b"\r\n\r\n" not in head:
        head += peer.recv(65536)
    head, _, body = head.partition(b"\r\n\r\n")
    length = next(
        (int(x.split(b":")[1]) for x in head.lower().split(b"\r\n") if x.startswith(b"content-length")), 0
    )
    while len(body) < length:
        body += peer.recv(65536)


def by_httpx(options, port, seconds=3.0, host="127.0.0.1"):
    client = HttpClient(Authentication(options))
    try:
        return client.exchange("GET", f"https://{host}:{port}", timedelta(seconds=seconds))
    finally:
        client.close()


def by_library(options, port, seconds=3.0, host="127.0.0.1"):
    api = PrometheusApi(f"https://{host}:{port}", Authentication(options), method="POST", params={})
    try:
        return api.instant("1", None, seconds)
    finally:
        api.close()


both = pytest.mark.parametrize("speak", [by_httpx, by_library])


@both
def test_a_named_authority_is_trusted(speak):
    with TlsServer() as server:
        assert isinstance(speak(AuthenticatedOptions(ca_file=SERVER), server.port), (Reply, Envelope))


@both
def test_an_unknown_authority_is_not_trusted(speak):
    with TlsServer() as server:
        found = speak(AuthenticatedOptions(), server.port)

    assert found.kind is ErrorKind.CONFIG
    assert "`ca_file`" in found.message


@both
def test_another_name_is_not_trusted(speak):
    with TlsServer() as server:
        found = speak(AuthenticatedOptions(ca_file=SERVER), server.port, host="localhost")

    assert found.kind is ErrorKind.CONFIG


@both
def test_our_own_certificate_is_shown(speak):
    with TlsServer(asks_for_client=True) as server:
        shown = speak(AuthenticatedOptions(ca_file=SERVER, client_cert=CLIENT), server.port)
        missing = speak(AuthenticatedOptions(ca_file=SERVER), server.port)

    assert isinstance(shown, (Reply, Envelope))
    assert missing.kind is ErrorKind.TRANSIENT


@both
def test_the_deadline_holds_within_tls(speak):
    with TlsServer() as server:
        server.trickles = True
        began = time.monotonic()
        found = speak(AuthenticatedOptions(ca_file=SERVER), server.port, seconds=0.5)
        took = time.monotonic() - began

    assert found.kind is ErrorKind.TIMEOUT
    assert took < 1.5


@both
def test_a_silent_handshake_is_cut_too(speak):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        found = speak(AuthenticatedOptions(ca_file=SERVER), silent.getsockname()[1], seconds=0.5)
        took = time.monotonic() - began

    assert found.kind is ErrorKind.TIMEOUT
    assert took < 1.5


@both
def test_a_file_that_is_no_certificate_is_named(speak, tmp_path):
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("nothing")

    assert speak(AuthenticatedOptions(ca_file=wrong), 9).kind is ErrorKind.CONFIG
    assert speak(AuthenticatedOptions(client_cert=tmp_path / "none.pem"), 9).kind is ErrorKind.CONFIG
