"""Notices that the files on disk are others than those that run: by what they hold, however they came to hold it."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Collection, Mapping
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

    def __init__(self, main: Path, files: Collection[Path], read: Prints) -> None:
        """Take for known what the files held when they were `read`."""
        self.main = main
        self._files = frozenset(files)
        self._known = read
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

    def follow(self, files: Collection[Path], read: Prints) -> None:
        """Look at these files from now on, known as they were `read`; those that were looked at before, as they were."""
        self._files = frozenset(files)
        now, known = self._prints(), {**read, **self._known}
        self._known = {path: print_ for path, print_ in known.items() if path in now or path in read}

    def _prints(self) -> Prints:
        return prints_of(self.main, self._files)


def prints_of(main: Path, files: Collection[Path] = ()) -> Prints:
    """Look at `krd.yaml`, at the key results beside it, and at more files."""
    try:
        listed = [path for path in (main.parent / "okrs").iterdir() if path.suffix in (".yaml", ".yml")]
    except OSError:
        listed = []  # a folder that is away lists nothing: that is a change, too
    return {str(path): _print(path) for path in {main, *files, *listed}}


def prints_of_texts(texts: Mapping[Path, str | None]) -> Prints:
    """Give what files held, by the texts that were read from them; what could not be read is looked at now."""
    return {
        str(path): _print(path) if text is None else _digest(text.encode()) for path, text in texts.items()
    }


def _print(path: Path) -> str:
    try:
        with path.open("rb") as opened:
            return _digest(opened.read(LARGEST + 1))
    except OSError as error:
        return f"{MISSING}: {error.errno}"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content.removeprefix(codecs.BOM_UTF8)).hexdigest()
