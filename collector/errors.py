"""Every error krd raises on purpose: what happened, to what, and what to do. None carries a secret."""

from __future__ import annotations


class KrdError(Exception):
    """The root of krd's errors. The command line prints its text and exits with `exit_code`."""

    exit_code = 1


class UsageError(KrdError):
    """The command was called in a way that cannot work."""

    exit_code = 2


class ConfigRejected(KrdError):
    """The files say something that cannot be run; the findings were reported with file, line and column."""

    exit_code = 3


class SourceUnavailable(KrdError):
    """A source that the command needs does not answer or answers with old data."""

    exit_code = 4


class StoreError(KrdError):
    """The database cannot be used as it is. krd never repairs or recreates one by itself."""


class AlreadyRunning(KrdError):
    """Another `krd run` holds the same database."""
