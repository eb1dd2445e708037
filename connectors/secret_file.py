"""Reads files of secrets whole: one that is being rewritten is not used half-written.

Nothing in a file says that its writer is done. A file that took another one's place (a rename, as Kubernetes and most
tools do it) counts once it has stayed the same for `STEADY`; one that is rewritten in place only after `IN_PLACE`, so a
writer may pause for as long. An empty file counts as one whose writer has only begun. A use waits that long and
`PATIENCE` more; then the last good text serves it, and the next use looks again.
"""

from __future__ import annotations

import errno
import os
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

SECRET_BYTES = 64 * 1024
"""A secret file larger than this (bytes) is refused: it is not a secret but a mistake."""

STEADY = 0.1
"""Seconds for which a new text must not change before it is used."""

IN_PLACE = 1.0
"""Seconds for which a text rewritten in place must not change before it takes the place of a good one."""

PATIENCE = 1.0
"""Seconds that one use waits for a writer who does not hold still."""

EMPTY_LASTS = 60.0
"""Seconds for which the last good text stands in for an empty file; one that stays empty was emptied on purpose."""

_LOOK_AGAIN = 0.02


@dataclass(frozen=True, slots=True)
class _Look:
    """What a file held, and the marks that change whenever it is written."""

    text: str = field(repr=False)
    marks: tuple[int, int, int]

    @property
    def inode(self) -> int:
        """Which file it was, whatever its name."""
        return self.marks[2]


class SecretFile:
    """One file, remembered by the last text that was good. Thread-safe."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._good: str | None = None
        self._inode = 0
        """Of the file that held the good text."""
        self._empty_since: float | None = None
        self._found_empty: _Look | None = None

    def read(self) -> str:
        """Give the text, without the line end that ends it; empty when the file is, and has been for long.

        Raises `OSError` (also for one that never holds still and was never good), `UnicodeDecodeError`, and `ValueError`
        for a file that is too large.
        """
        with self._lock:
            look = self._look()
            if look.text != self._good and look != self._found_empty:
                look = self._awaited(look)
            if look.text:
                self._good, self._inode = look.text, look.inode
                self._empty_since = self._found_empty = None
                return look.text
            return self._instead_of_nothing(look)

    def _awaited(self, look: _Look) -> _Look:
        """Look until the text holds still; an unsteady one gives way to the last good one."""
        began = since = time.monotonic()
        while True:
            steady = IN_PLACE if self._good is not None and look.inode == self._inode else STEADY
            now = time.monotonic()
            if look.text and now - since >= steady:
                return look
            if now - began >= steady + PATIENCE:
                break
            time.sleep(_LOOK_AGAIN)
            newer = self._look()
            if newer != look:
                look, since = newer, time.monotonic()
        if not look.text:
            return look
        if self._good is None:
            raise OSError(errno.EBUSY, "it is still being written")
        return _Look(self._good, look.marks)

    def _instead_of_nothing(self, look: _Look) -> str:
        """Give the last good text for an empty file that was full a moment ago."""
        now = time.monotonic()
        self._empty_since = self._empty_since or now
        self._found_empty = look
        if self._good is not None and now - self._empty_since >= EMPTY_LASTS:
            self._good = None
        return self._good or ""

    def _look(self) -> _Look:
        with self._path.open("rb") as file:
            found = os.fstat(file.fileno())
            content = file.read(SECRET_BYTES + 1)
        if len(content) > SECRET_BYTES:
            raise ValueError(f"larger than {SECRET_BYTES} bytes")
        return _Look(content.decode().rstrip("\r\n"), (found.st_mtime_ns, len(content), found.st_ino))


_files: dict[str, SecretFile] = {}
_lock = threading.Lock()


def secret_file(place: str) -> SecretFile:
    """Give the file at a place; the same one for every reference to it."""
    with _lock:
        return _files.setdefault(place, SecretFile(Path(place)))
