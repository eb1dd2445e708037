"""Tells where a store is from its address, and refuses addresses that krd cannot use, without repeating their secrets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from collector.errors import StoreError

_HEAD = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class Address:
    """A SQLite database: a file, or memory that is gone when it is closed."""

    file: Path | None

    @property
    def name(self) -> str:
        """Its name in messages."""
        return str(self.file) if self.file else "the database in memory"

    def identity(self) -> tuple[int, int] | None:
        """Tell which file is there now, whatever its name; nothing when there is none."""
        if self.file is None:
            return None
        try:
            found = self.file.stat()
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino

    def look(self, *, must_exist: bool) -> None:
        """Look whether a database can be there. Raises `StoreError`."""
        if self.file is None:
            return
        if not self.file.parent.is_dir():
            raise StoreError(
                f"{self.file}: the folder {self.file.parent} does not exist; create it, or name another store"
            )
        if self.file.is_dir():
            raise StoreError(f"{self.file}: is a folder; name the file of the store inside it")
        if self.file.exists():
            _look_inside(self.file)
        elif must_exist:
            raise StoreError(f"{self.file}: there is no store; start `krd run` first, or name another store")


def _look_inside(file: Path) -> None:
    """Refuse what is no database; SQLite itself would write over a file of a few bytes. An empty file is a new one."""
    try:
        with file.open("rb") as content:
            head = content.read(len(_HEAD))
    except OSError as error:
        raise StoreError(
            f"{file}: cannot be read ({error.strerror}); give this user the right to read it"
        ) from error
    if head not in (b"", _HEAD):
        raise StoreError(
            f"{file}: this file is no SQLite database. krd left it as it is: name another file, or put back a backup"
        )


def locate(url: str) -> Address:
    """Read `sqlite:///krd.db` (relative), `sqlite:////var/lib/krd/krd.db` (absolute), `sqlite:///:memory:`.

    Raises `StoreError` for anything else.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError(
            "the address of the store is no database URL: write it as sqlite:///path/to/krd.db"
        ) from None
    scheme = parsed.get_backend_name()
    if scheme.startswith("postgres"):
        raise StoreError(
            "krd reads PostgreSQL stores from a later version: write the store as sqlite:///path/to/krd.db"
        )
    if parsed.drivername != "sqlite":
        raise StoreError(f"krd cannot keep its store in {scheme}: write it as sqlite:///path/to/krd.db")
    database = parsed.database or ":memory:"
    if parsed.host or parsed.query or database.startswith("file:"):
        raise StoreError(
            "a SQLite store is written with three slashes and nothing behind the path: sqlite:///path/to/krd.db"
        )
    return Address(None if database == ":memory:" else Path(database).absolute())
