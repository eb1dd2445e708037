"""Lengths of time as people write them: `90s`, `15m`, `6h` are real time, `7d` and `2w` are days of the cycle."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

_PART = re.compile(r"(\d+)\s*([smhdw])")
_REAL_SECONDS = {"s": 1, "m": 60, "h": 3600}
_DAYS = {"d": 1, "w": 7}


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days of the cycle plus real time (DESIGN §5: suffixes `d` and `w` mean cycle days)."""

    days: int = 0
    real: timedelta = timedelta(0)

    def __bool__(self) -> bool:
        return self.days != 0 or self.real != timedelta(0)

    def nominal(self, day: timedelta) -> timedelta:
        """Give the length when a day lasts `day`; daylight saving is not looked at."""
        return self.days * day + self.real

    def __str__(self) -> str:
        if not self:
            return "0s"
        parts = [f"{self.days}d"] if self.days else []
        seconds = int(self.real.total_seconds())
        for suffix in ("h", "m", "s"):
            amount, seconds = divmod(seconds, _REAL_SECONDS[suffix])
            if amount:
                parts.append(f"{amount}{suffix}")
        return "".join(parts)


ZERO = Span()
WEEK = Span(days=7)


def parse_span(text: str) -> Span:
    """Read `15m`, `1h30m`, `7d`, `2w`. Raises `ValueError` that says what is expected."""
    compact = text.strip()
    parts = _PART.findall(compact)
    if not parts or "".join(f"{amount}{unit}" for amount, unit in parts) != re.sub(r"\s+", "", compact):
        raise ValueError(f"expected a length of time such as 90s, 15m, 6h, 7d or 2w, got {text!r}")
    days = sum(int(amount) * _DAYS[unit] for amount, unit in parts if unit in _DAYS)
    seconds = sum(int(amount) * _REAL_SECONDS[unit] for amount, unit in parts if unit in _REAL_SECONDS)
    if days > 36_600 or seconds > 36_600 * 86_400:
        raise ValueError(f"a length of time is at most a hundred years, got {text!r}")
    return Span(days=days, real=timedelta(seconds=seconds))
