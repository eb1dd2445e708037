"""Tells where a store is from its address, and refuses addresses that krd cannot use, without repeating their secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from collector.errors import StoreError

_HEAD = b"SQLite format 3\0"


class NothingKept(StoreError):
    """There is no store yet where one must be."""


@dataclass(frozen=True, slots=True)
class FileAddress:
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
        """Look whether a database can be there. Raises `StoreError`, and `NothingKept` where a file must be and is not."""
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
            raise NothingKept(f"{self.file}: there is no store; start `krd run` first, or name another store")


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """A database on a PostgreSQL server."""

    name: str
    """Its name in messages: user, server and database, and never more."""
    parameters: Mapping[str, str | int] = field(repr=False)
    """What libpq is told, secrets included."""
    file: None = None
    """There is none here."""


Address = FileAddress | ServerAddress
"""Where a store is."""


def locate(url: str) -> Address:
    """Read `sqlite:///krd.db` (relative), `sqlite:////var/lib/krd/krd.db` (absolute), `sqlite:///:memory:`, or
    `postgresql://user:password@host/database`.

    Raises `StoreError` for anything else.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreError(
            "the address of the store is no database URL: write it as sqlite:///path/to/krd.db"
            " or postgresql://user@host/database"
        ) from None
    match parsed.drivername:
        case "sqlite":
            return _file(parsed)
        case "postgresql" | "postgres" | "postgresql+psycopg":
            return _server(parsed)
        case drivername if drivername.startswith("postgres"):
            raise StoreError(
                "krd reaches PostgreSQL through psycopg 3 alone: write the store as postgresql://user@host/database"
            )
        case _:
            raise StoreError(
                f"krd cannot keep its store in {parsed.get_backend_name()}: write it as sqlite:///path/to/krd.db"
                " or postgresql://user@host/database"
            )


def _file(parsed: URL) -> FileAddress:
    database = parsed.database or ":memory:"
    if parsed.host or parsed.query or database.startswith("file:"):
        raise StoreError(
            "a SQLite store is written with three slashes and nothing behind the path: sqlite:///path/to/krd.db"
        )
    return FileAddress(None if database == ":memory:" else Path(database).absolute())


def _server(parsed: URL) -> ServerAddress:
    if not parsed.database:
        raise StoreError(
            "the address of the store names no database: write it as postgresql://user@host/database"
        )
    parts: dict[str, str | int | None] = {
        "host": parsed.host,
        "port": parsed.port,
        "user": parsed.username,
        "password": parsed.password,
        "dbname": parsed.database,
    }
    parameters = {
        **{name: ",".join([more] if isinstance(more, str) else more) for name, more in parsed.query.items()},
        **{name: part for name, part in parts.items() if part is not None},
    }
    user = f"{parameters['user']}@" if "user" in parameters else ""
    port = f":{parameters['port']}" if "port" in parameters else ""
    name = f"postgresql://{user}{parameters.get('host', '')}{port}/{parsed.database}"
    return ServerAddress(name, parameters)


def lock_beside(file: Path) -> Path:
    """Name the lock file of a database: it stays when krd ends, and tells that krd was served from it."""
    return file.with_name(f"{file.name}.lock")


def _look_inside(file: Path) -> None:
    """Refuse what is no database; SQLite itself would write over a file of a few bytes. An empty file is a new one, unless
    krd has been served from it: then it was emptied.
    """
    try:
        with file.open("rb") as content:
            head = content.read(len(_HEAD))
    except OSError as error:
        raise StoreError(
            f"{file}: cannot be read ({error.strerror}); give this user the right to read it"
        ) from error
    if not head and lock_beside(file).exists():
        raise StoreError(
            f"{file}: krd was served from this file, and now it is empty. krd does not begin a new store in its place:"
            f" put back a backup, or delete {lock_beside(file).name} to begin anew"
        )
    if head not in (b"", _HEAD):
        raise StoreError(
            f"{file}: this file is no SQLite database. krd left it as it is: name another file, or put back a backup"
        )
