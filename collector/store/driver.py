"""Says which extra is missing where a store on PostgreSQL is named and its driver is not installed."""

from __future__ import annotations

from importlib import import_module

from collector.errors import StoreError


def require_driver() -> None:
    """See that psycopg 3 can be used. Raises `StoreError` with what to install."""
    try:
        import_module("psycopg")
    except ImportError as error:
        raise StoreError(
            "a store on PostgreSQL needs the driver psycopg 3, which cannot be loaded: install krd[postgres]"
        ) from error
