"""How wide the terminal is."""

from __future__ import annotations

import os
import shutil
import sys


def room() -> int | None:
    """Give the columns of characters that people see; nothing where the result goes elsewhere. `COLUMNS` says it too."""
    told = os.environ.get("COLUMNS", "")
    if told.isdecimal() and int(told) > 0:
        return int(told)
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None
