"""Runs a real Roundup tracker for the lab, with an account for krd and one for the shop's people."""

from __future__ import annotations

import importlib.util
import json
import os
import secrets
import sys
from typing import TYPE_CHECKING

from collector.errors import KrdError
from collector.lab.child import Child
from collector.lab.desk import Desk, TicketRefused

if TYPE_CHECKING:
    from pathlib import Path

READER, STAFF = "krd", "shop"
"""The accounts: one counts tickets, the other opens and resolves them."""


class TrackerFailed(KrdError):
    """The lab's ticket tracker cannot be had, or did not come up."""


def require_roundup() -> None:
    """Raise `TrackerFailed` with what to do where Roundup is not installed."""
    if importlib.util.find_spec("roundup") is None:
        raise TrackerFailed("the lab's ticket tracker needs the package roundup: pip install 'krd[lab]'")


class Tracker:
    """One Roundup process that keeps its tickets in `folder`, and krd's password in the file `password`.

    A folder that exists is continued; the passwords are new at every start. Both places are the owner's alone.
    """

    def __init__(self, folder: Path, password: Path) -> None:
        self._folder = folder
        self._password = password
        self._child = Child("the lab's ticket tracker", folder / "tracker.log", TrackerFailed)
        self.port = self._child.port
        self.url = self._child.url
        self._passwords = {name: secrets.token_urlsafe(24) for name in ("admin", READER, STAFF)}

    @property
    def pid(self) -> int | None:
        """The process, while it runs."""
        return self._child.pid

    def desk(self) -> Desk:
        """Give the place where the shop's people work with tickets."""
        return Desk(self.port, STAFF, self._passwords[STAFF])

    def start(self) -> None:
        """Start the process, which takes about a second to serve: see `wait`. Raises `TrackerFailed`."""
        require_roundup()
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_secret(self._password, self._passwords[READER])
        except OSError as error:
            raise TrackerFailed(
                f"the lab's ticket tracker cannot start in {self._folder}: {error}; choose another directory"
            ) from error
        home = self._folder / "home"
        self._child.spawn(
            [sys.executable, "-P", "-m", "collector.lab.roundup_server", str(home), str(self.port)],
            self._folder,
            {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            json.dumps(self._passwords).encode(),
        )

    def wait(self) -> None:
        """Wait until it lets its staff in. Raises `TrackerFailed`."""
        self._child.wait_until(self._lets_in, "ready")

    def stop(self) -> None:
        """End the process and give the port back. Safe to call twice."""
        self._child.stop()

    def _lets_in(self) -> bool:
        try:
            self.desk().tickets()
        except TicketRefused:  # not listening yet, or no more
            return False
        return True


def _write_secret(place: Path, text: str) -> None:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text + "\n")
