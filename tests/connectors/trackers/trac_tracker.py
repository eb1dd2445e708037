"""A real Trac on loopback: makes an environment in a folder, fills it, and serves it as tracd does, with basic authentication.

    python trac_tracker.py FOLDER public|private < tickets.json

`tickets.json` is a list of {status, priority, title, at}; `at` is unix seconds. In a private tracker nobody sees tickets
without signing in. The last line printed is the port.
"""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from trac.env import open_environment
from trac.ticket.model import Ticket
from trac.web.auth import BasicAuthentication
from trac.web.main import dispatch_request
from trac.web.standalone import AuthenticationMiddleware

PASSWORD = "a quiet reader"


class Server(ThreadingMixIn, WSGIServer):
    """Answers several at once, as tracd does."""

    daemon_threads = True


class Silent(WSGIRequestHandler):
    """Keeps no log of requests."""

    def log_message(self, *_):
        """Say nothing."""


def administer(folder: Path, *words: str) -> None:
    admin = Path(sys.executable).parent / "trac-admin"
    subprocess.run(
        [sys.executable, "-W", "ignore", admin, folder, *words], check=True, stdout=subprocess.DEVNULL
    )


def fill(folder: Path, tickets: list[dict]) -> None:
    environment = open_environment(str(folder))
    environment.config.set("ticket-custom", "customer", "text")
    environment.config.save()
    for written in tickets:
        ticket = Ticket(environment)
        ticket["summary"] = written["title"]
        ticket["status"] = written["status"]
        ticket["priority"] = written["priority"]
        ticket["customer"] = written.get("customer", "")
        ticket.insert(when=datetime.fromtimestamp(written["at"], UTC))


def main() -> None:
    folder = Path(sys.argv[1])
    administer(folder, "initenv", "Shop", "sqlite:db/trac.db")
    if sys.argv[2] == "private":
        administer(folder, "permission", "remove", "anonymous", "TICKET_VIEW", "REPORT_VIEW")
        administer(folder, "permission", "add", "krd", "TICKET_VIEW", "REPORT_VIEW")
    fill(folder, json.load(sys.stdin))
    people = folder / "people"
    digest = base64.b64encode(hashlib.sha1(PASSWORD.encode()).digest()).decode()
    people.write_text(f"krd:{{SHA}}{digest}\n")

    def tracker(environ, start_response):
        environ["trac.env_path"] = str(folder)
        return dispatch_request(environ, start_response)

    app = AuthenticationMiddleware(tracker, {"*": BasicAuthentication(str(people), "Shop")}, folder.name)
    server = make_server("127.0.0.1", 0, app, server_class=Server, handler_class=Silent)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
