"""The lab's own files: those of `config/`, the same in a checkout and in an installed krd."""

from __future__ import annotations

import json
from pathlib import Path

PACKED = Path(__file__).parent / "config"
"""Where the wheel carries them."""
CHECKOUT = Path(__file__).parents[2] / "config"
FILES = ("krd.yaml", "okrs/shop.yaml")
PASSWORD = Path("config/secrets/tracker")
"""Where, in the lab's place, the password lies with which krd reads the tracker."""


def lay_out(place: Path) -> Path:
    """Copy the files into a folder of `place`, and give that folder.

    Files of secrets are looked up from where krd was started, which may be anywhere: the copy says where they are.
    """
    source = PACKED if PACKED.is_dir() else CHECKOUT
    folder = place / "config"
    for name in FILES:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        text = (source / name).read_text("utf-8")
        target.write_text(
            text.replace("{file: secrets/tracker}", f"{{file: {json.dumps(str(place / PASSWORD))}}}"), "utf-8"
        )
    return folder
