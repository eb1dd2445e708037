"""Says who is at the keyboard: the name that the audit log gets."""

from __future__ import annotations

import getpass

from collector.errors import UsageError


def actor(by: str | None) -> str:
    """Give `by` where it was said, else the user of this process. Raises `UsageError` when nobody can be named."""
    if by is not None:
        if not by.strip():
            raise UsageError("--by: says who you are, and is empty")
        return " ".join(by.split())
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise UsageError("this process runs as a user without a name: say who you are with --by") from None
