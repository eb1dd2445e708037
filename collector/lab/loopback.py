"""Holds ports of the loopback interface, so that nobody takes them between choosing one and listening on it."""

from __future__ import annotations

import socket

HOST = "127.0.0.1"


def reserve() -> socket.socket:
    """Hold a free port for as long as the returned socket stays open.

    The socket never listens, so connecting is refused until somebody binds the same port with `SO_REUSEADDR`, as
    Prometheus, `http.server` and `listen_on` do, and listens. Linux lends a port in this way; it also keeps it out of
    the range that outgoing connections draw from.
    """
    place = _reusable()
    place.bind((HOST, 0))
    return place


def listen_on(port: int) -> socket.socket:
    """Listen on a port that `reserve` holds."""
    listener = _reusable()
    try:
        listener.bind((HOST, port))
        listener.listen(64)
    except OSError:
        listener.close()
        raise
    return listener


def port_of(bound: socket.socket) -> int:
    """Give the port a socket is bound to."""
    port: int = bound.getsockname()[1]
    return port


def _reusable() -> socket.socket:
    fresh = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    fresh.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return fresh
