"""Carries TCP between krd and a source over a line that can be cut and joined, while the source itself lives on."""

from __future__ import annotations

import contextlib
import socket
import threading

from collector.lab.loopback import HOST, listen_on, port_of, reserve

_CHUNK = 64 * 1024
_CONNECT_SECONDS = 2.0


class Relay:
    """Stands before a port of this machine under an address of its own.

    While cut, connections are refused at the same address, as if the network's far end had gone; the port stays ours,
    so `join` cannot lose it. `cut` and `join` are idempotent and belong to one thread at a time.
    """

    def __init__(self, target_port: int) -> None:
        self._target = (HOST, target_port)
        self._place = reserve()
        self.port = port_of(self._place)
        self.url = f"http://{HOST}:{self.port}"
        self._line: _Line | None = None

    @property
    def joined(self) -> bool:
        """Whether connections are carried now."""
        return self._line is not None

    def start(self) -> None:
        """Carry connections from now on."""
        self.join()

    def join(self) -> None:
        """Carry connections again, at the address as before."""
        if self._line is None:
            self._line = _Line(listen_on(self.port), self._target)

    def cut(self) -> None:
        """Close every connection and refuse new ones; returns when that is so."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def stop(self) -> None:
        """Cut the line for good and give the port back."""
        self.cut()
        self._place.close()


class _Line:
    """One joined period: a listener, the connections it admitted, and their threads."""

    def __init__(self, listener: socket.socket, target: tuple[str, int]) -> None:
        self._listener = listener
        self._target = target
        self._lock = threading.Lock()
        self._open = True
        self._ends: set[socket.socket] = set()
        self._carriers: set[threading.Thread] = set()
        self._admitting = threading.Thread(target=self._admit, name="lab-relay-admit", daemon=True)
        self._admitting.start()

    def close(self) -> None:
        with self._lock:
            self._open = False
            _shut(self._listener)  # wakes the thread that waits in accept
            for end in self._ends:
                _shut(end)
            carriers = list(self._carriers)
        self._admitting.join()
        self._listener.close()
        for carrier in carriers:
            carrier.join()

    def _admit(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                if self._open:
                    raise
                return
            carrier = threading.Thread(target=self._carry, args=(client,), name="lab-relay", daemon=True)
            with self._lock:
                self._carriers.add(carrier)
                carrier.start()
                if not self._open:
                    _shut(client)

    def _carry(self, client: socket.socket) -> None:
        with client:
            try:
                server = socket.create_connection(self._target, timeout=_CONNECT_SECONDS)
            except OSError:
                server = (
                    None  # the source is down: the client sees its connection closed, as through any proxy
                )
            if server is not None:
                with server:
                    server.settimeout(None)
                    self._exchange(client, server)
        with self._lock:
            self._carriers.discard(threading.current_thread())

    def _exchange(self, client: socket.socket, server: socket.socket) -> None:
        ends = {client, server}
        with self._lock:
            if not self._open:
                return
            self._ends |= ends
        back = threading.Thread(target=_pump, args=(server, client), name="lab-relay-back", daemon=True)
        back.start()
        _pump(client, server)
        back.join()
        with self._lock:
            self._ends -= ends


def _pump(source: socket.socket, sink: socket.socket) -> None:
    """Carry bytes one way until the source says goodbye or either end is gone."""
    try:
        while chunk := source.recv(_CHUNK):
            sink.sendall(chunk)
        sink.shutdown(socket.SHUT_WR)
    except OSError:  # an end was cut: the other direction must not wait for it
        _shut(source)
        _shut(sink)


def _shut(end: socket.socket) -> None:
    with contextlib.suppress(OSError):  # already shut by its peer: what we wanted
        end.shutdown(socket.SHUT_RDWR)
