"""Decides whether a database is a store of this krd, and makes it one where that is safe."""

from __future__ import annotations

from sqlalchemy import Connection

from collector.errors import StoreError
from collector.store.address import NothingKept
from collector.store.backend import Backend

HEAD = "0003"
"""The newest revision in `migrations/versions`."""


def fits(backend: Backend, connection: Connection, *, must_exist: bool) -> bool:
    """Tell whether the schema is this krd's; False when it has to be made or led on.

    Raises `StoreError` for a database of a newer krd or of another program, and, with `must_exist`, `NothingKept` for
    an empty one.
    """
    name = backend.name
    if backend.is_empty(connection):
        if must_exist:
            raise NothingKept(
                f"{name}: nothing is kept there yet; start `krd run` first, or name another store"
            )
        return False
    if not backend.is_ours(connection):
        raise StoreError(f"{name}: holds the tables of another program; name another place for krd's store")
    revision = str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar())
    if revision > HEAD:
        raise StoreError(
            f"{name}: was written by a newer krd (schema {revision}, this one knows {HEAD});"
            " run the newer krd, or put back a backup from before"
        )
    return revision == HEAD


def lead_on(backend: Backend) -> None:
    """Make the schema this krd's in one transaction; whoever comes second finds it done."""
    with backend.writer.begin() as connection:
        if fits(backend, connection, must_exist=False):
            return
        from collector.store.migrate import upgrade  # noqa: PLC0415 - alembic costs 0.2 s, which only this start pays

        upgrade(connection)
        backend.mark(connection)
