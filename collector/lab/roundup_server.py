"""Serves a real Roundup tracker on loopback, in a process of its own: `python -m collector.lab.roundup_server HOME PORT`.

`{"name": "password"}` on standard input tells its users; a home that exists is continued. It speaks WSGI because
`roundup-server` refuses to run as root. The only module that imports Roundup, which comes with the extra `lab`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import roundup.init
import roundup.instance
from roundup.admin import AdminTool
from roundup.cgi.wsgi_handler import RequestDispatcher
from roundup.configuration import CoreConfig
from roundup.password import Password

from collector.lab.loopback import HOST

_ROUNDS = 1000
"""PBKDF2 rounds of a password that is made for one run and tried with every request."""


class _Server(ThreadingMixIn, WSGIServer):
    """Answers several at once, as any front end of a tracker does."""

    daemon_threads = True
    request_queue_size = 64


class _Silent(WSGIRequestHandler):
    """Keeps no log of requests."""

    def log_message(self, *_: Any) -> None:
        """Say nothing: the robots' requests are no news."""


def serve(home: Path, port: int, passwords: Mapping[str, str]) -> None:
    """Make the tracker where there is none, let its users in, and serve it until the process ends."""
    _install(home, f"http://{HOST}:{port}/")
    _let_in(home, passwords)
    with _Server((HOST, port), _Silent) as server:
        server.set_app(RequestDispatcher(str(home)))
        server.serve_forever()


def _install(home: Path, address: str) -> None:
    """Put the classic template there, or tell a tracker that is there its new address."""
    if (home / CoreConfig.INI_FILE).exists():
        config = CoreConfig(str(home))
        config["TRACKER_WEB"] = address
        config.save()
        return
    settings = {
        "rdbms_backend": "sqlite",
        "tracker_web": address,
        "mail_domain": "example.test",
        "mail_host": HOST,
        "mail_debug": str(home / "mail"),  # mail is written to this file, and sent to nobody
        "password_pbkdf2_default_rounds": str(_ROUNDS),
    }
    roundup.init.install(str(home), AdminTool().listTemplates()["classic"]["path"], settings)


def _let_in(home: Path, passwords: Mapping[str, str]) -> None:
    tracker = roundup.instance.open(str(home))
    if not tracker.exists():
        tracker.init(Password(passwords["admin"], config=tracker.config), tx_Source="cli")
    db = tracker.open("admin")
    try:
        for name, password in passwords.items():
            _let_one_in(db, name, Password(password, config=db.config))
        db.commit()
    finally:
        db.close()


def _let_one_in(db: Any, name: str, password: Password) -> None:
    if known := db.user.stringFind(username=name):
        db.user.set(known[0], password=password)
        return
    db.user.create(username=name, password=password, roles="User", address=f"{name}@example.test")


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]), json.load(sys.stdin))
