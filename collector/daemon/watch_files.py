"""Notices that the files on disk are others than those that run: by what they hold, however they came to hold it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path

LOOK_EVERY = 2.0
"""Seconds between two looks; a change is acted on when the next look finds it the same, so within two of them."""
LARGEST = 1024 * 1024
"""Bytes of a file that are looked at; a longer one is refused by whoever reads it."""
MISSING = "missing"

Prints = dict[str, str]
"""What each file holds, as a digest, by path."""


class FileWatch:
    """Compares contents, not times: an editor that writes in place, an atomic rename and a swapped link all show in them,
    and a file that was only touched does not. Used by one thread.
    """

    def __init__(self, main: Path, files: Collection[Path]) -> None:
        self.main = main
        self._files = frozenset(files)
        self._known = self._prints()
        self._pending: Prints | None = None

    def changed(self) -> bool:
        """Tell whether something changed since the files were last taken as known, and has come to rest since the look
        before this one; they are then known as they are now.
        """
        now = self._prints()
        if now == self._known:
            self._pending = None
            return False
        if now != self._pending:
            self._pending = now  # perhaps still being written
            return False
        self.know(now)
        return True

    def know(self, prints: Prints | None = None) -> None:
        """Take the files as they are now for known."""
        self._known, self._pending = self._prints() if prints is None else prints, None

    def follow(self, files: Collection[Path]) -> None:
        """Look at these files from now on; those that were looked at before are known as they were."""
        self._files = frozenset(files)
        now = self._prints()
        self._known = now | {path: print_ for path, print_ in self._known.items() if path in now}

    def _prints(self) -> Prints:
        folder = self.main.parent / "okrs"
        try:
            listed = [path for path in folder.iterdir() if path.suffix in (".yaml", ".yml")]
        except OSError:
            listed = []  # a folder that is away lists nothing: that is a change, too
        return {str(path): _print(path) for path in {self.main, *self._files, *listed}}


def _print(path: Path) -> str:
    try:
        with path.open("rb") as opened:
            return hashlib.sha256(opened.read(LARGEST + 1)).hexdigest()
    except OSError as error:
        return f"{MISSING}: {error.errno}"
