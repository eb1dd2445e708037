"""Looks at a database through an open connection: does it answer, who are we, and could our role write."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text

from connectors.api import Health

_MAY_WRITE = text(
    """
    SELECT
      (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser,
      (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'f') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
          AND has_schema_privilege(n.oid, 'USAGE')
          AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')) AS tables,
      (SELECT count(*) FROM pg_namespace n
        WHERE n.nspname NOT LIKE 'pg\\_%' AND has_schema_privilege(n.oid, 'CREATE')) AS schemas
    """
)
"""Asks the catalogue instead of trying to write: a try would need a session that may."""

_FENCED = frozenset({"sqlite", "duckdb"})
"""Databases krd opens so that no role is needed to keep it from writing."""

_TELL_USER = frozenset({"postgresql", "mysql", "mariadb", "mssql"})


def examine(connection: Connection) -> Health:
    """Ask one trivial question, then for version, identity, and the rights of our role. Raises what the driver raises."""
    dialect = connection.dialect
    # SQLite does not open its file before it reads from a table.
    connection.execute(text("SELECT count(*) FROM sqlite_master" if dialect.name == "sqlite" else "SELECT 1"))
    user = connection.execute(text("SELECT CURRENT_USER")).scalar() if dialect.name in _TELL_USER else None
    version = ".".join(str(part) for part in dialect.server_version_info or ()) or None
    return Health(
        ok=True,
        message=f"{dialect.name} answers" + (f" as {user}" if user else ""),
        version=version,
        identity=str(user) if user else None,
        warnings=_warnings(connection, user),
    )


def _warnings(connection: Connection, user: Any) -> tuple[str, ...]:
    name = connection.dialect.name
    if name in _FENCED:
        return ()
    if name != "postgresql":
        return (f"krd cannot tell whether its {name} user may write; give it one that may only SELECT",)
    rights = connection.execute(_MAY_WRITE).one()
    if rights.superuser:
        return (f"{user} is a superuser; {_ADVICE}",)
    if rights.tables or rights.schemas:
        return (
            f"{user} may write to {rights.tables} tables and create in {rights.schemas} schemas; {_ADVICE}",
        )
    return ()


_ADVICE = (
    "give krd a role of its own that may only read: CREATE ROLE krd LOGIN; GRANT pg_read_all_data TO krd"
)
