"""Draws a replayed key result as SVG: P over the days between its lines, and the days on which an alert was on."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from collector.domain.hindsight import Hindsight

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 720, 260, 48, 36, 28
_INK, _FAINT, _BAD = "#1b1f24", "#8a929c", "#c0392b"


def as_svg(hindsight: Hindsight) -> str:
    """Give a whole document, which needs neither scripts nor fonts nor anything from elsewhere."""
    title = escape(f"P(hit) of {hindsight.replay.past.key_result.title}")
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="sans-serif" font-size="12">'
    )
    return "\n".join([head, f"<title>{title}</title>", *_parts(hindsight, title), "</svg>"]) + "\n"


def _parts(hindsight: Hindsight, title: str) -> Iterator[str]:
    key_result = hindsight.replay.past.key_result
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>'
    yield _text(LEFT, TOP - 16, title, _INK)
    yield from _alarms(hindsight)
    policy = hindsight.policy
    for p, dashed in ((0.0, ""), (1.0, ""), (policy.off_track, "4 3"), (policy.on_track, "4 3")):
        y = _y(p)
        yield f'<path d="M{LEFT} {y:.1f}H{WIDTH - 8}" stroke="{_FAINT}" stroke-dasharray="{dashed or "none"}"/>'
        yield _text(LEFT - 6, y + 4, f"{p:.2f}", _FAINT, anchor="end")
    for way in _ways(hindsight):
        yield f'<path d="{way}" fill="none" stroke="{_INK}" stroke-width="2" stroke-linejoin="round"/>'
    grid, last = key_result.cycle.grid, key_result.days - 1
    yield _text(LEFT, HEIGHT - 8, grid.name(0), _FAINT)
    yield _text(WIDTH - 8, HEIGHT - 8, grid.name(last), _FAINT, anchor="end")


def _alarms(hindsight: Hindsight) -> Iterator[str]:
    for alarm in hindsight.alarms:
        end = alarm.ended if alarm.ended is not None else hindsight.days[-1].day
        left, right = _x(hindsight, alarm.raised), _x(hindsight, end)
        size = f'width="{max(right - left, 2):.1f}" height="{HEIGHT - TOP - BOTTOM}"'
        yield f'<rect x="{left:.1f}" y="{TOP}" {size} fill="{_BAD}" opacity="0.15"/>'
        name = hindsight.replay.past.key_result.cycle.grid.name(alarm.raised)
        yield _text(left + 3, TOP + 14, f"alert {name}", _BAD)


def _ways(hindsight: Hindsight) -> Iterator[str]:
    """Give the stretches of days on which something was foreseen; between them nothing is drawn."""
    drawn = ""
    for one in hindsight.days:
        if one.p_hit is None:
            if drawn:
                yield drawn
            drawn = ""
            continue
        drawn += f"{'L' if drawn else 'M'}{_x(hindsight, one.day):.1f} {_y(one.p_hit):.1f}"
    if drawn:
        yield drawn


def _x(hindsight: Hindsight, day: int) -> float:
    return LEFT + (WIDTH - 8 - LEFT) * (day + 1) / hindsight.replay.past.key_result.days


def _y(p: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - p)


def _text(x: float, y: float, text: str, fill: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{fill}" text-anchor="{anchor}">{text}</text>'
