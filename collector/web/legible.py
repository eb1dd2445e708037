"""Makes texts of strangers legible where people read them: what would act on a reader is spelled out instead."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from collector.logs import one_line


def legible(value: Any) -> Any:
    """Spell out controls, line ends, direction overrides and invisible characters of a text; leave mark-up and numbers."""
    return one_line(value) if isinstance(value, str) and not isinstance(value, Markup) else value
