"""Writes the page: complete without scripts, and every text of strangers is shown as text."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from collector.ports.board import Board
from collector.web.legible import legible
from collector.web.sheet import look

REFRESH_SECONDS = 5
"""Short enough for a cycle with days of seconds. Whoever needs calm, or reads aloud, opens the page with `?still`."""


class Pages:
    """The templates, loaded once. `static` changes whenever a static file does."""

    def __init__(self, version: str, static: str) -> None:
        environment = Environment(
            loader=PackageLoader("collector.web"),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=legible,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.globals |= {"version": version, "static": static, "refresh_seconds": REFRESH_SECONDS}
        self._overview = environment.get_template("overview.html")

    def overview(self, board: Board, *, still: bool) -> str:
        """Write every key result with its verdict, and how the sources stand; `still` leaves out the refreshing."""
        return self._overview.render(sheet=look(board), still=still)
