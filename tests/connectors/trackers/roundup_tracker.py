"""A real Roundup on loopback: makes a tracker in a folder, fills it, and serves it over WSGI (roundup-server refuses root).

    python roundup_tracker.py FOLDER < issues.json

`issues.json` is a list of {status, priority, title, at}; `at` is unix seconds. The last line printed is the port.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import roundup.instance
from roundup.cgi.wsgi_handler import RequestDispatcher
from roundup.password import Password


class Server(ThreadingMixIn, WSGIServer):
    """Answers several at once, as any front end of a tracker does."""

    daemon_threads = True


class Silent(WSGIRequestHandler):
    """Keeps no log of requests."""

    def log_message(self, *_):
        """Say nothing."""


def administer(folder: Path, *words: str) -> None:
    admin = Path(sys.executable).parent / "roundup-admin"
    subprocess.run([admin, "-i", folder, *words], check=True, stdout=subprocess.DEVNULL)


def fill(folder: Path, issues: list[dict]) -> None:
    tracker = roundup.instance.open(str(folder))
    db = tracker.open("admin")
    people = {"krd": "a quiet reader", "krd2": "another one"}
    for name, password in people.items():
        db.user.create(
            username=name,
            password=Password(password, config=db.config),
            roles="User",
            address=f"{name}@example.test",
        )
    for issue in issues:
        made = db.issue.create(
            title=issue["title"],
            status=db.status.lookup(issue["status"]),
            priority=db.priority.lookup(issue["priority"]),
        )
        stamp = time.strftime("%Y%m%d%H%M%S", time.gmtime(issue["at"]))
        db.sql("UPDATE _issue SET _creation = ?, _activity = ? WHERE id = ?", (stamp, stamp, made))
    db.commit()
    db.close()


def main() -> None:
    folder = Path(sys.argv[1])
    server = Server(("127.0.0.1", 0), Silent)
    settings = (
        f"tracker_web=http://127.0.0.1:{server.server_port}/,mail_domain=example.test,mail_host=127.0.0.1,"
        f"mail_debug={folder / 'mail'},web_api_failed_login_limit=1000,password_pbkdf2_default_rounds=1000"
    )
    administer(folder, "install", "classic", "sqlite", settings)
    administer(folder, "initialise", "an admin of tests only")
    fill(folder, json.load(sys.stdin))
    server.set_app(RequestDispatcher(str(folder)))
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
