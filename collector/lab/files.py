"""The lab's own files: those of `config/`, the same in a checkout and in an installed krd."""

from __future__ import annotations

import shutil
from pathlib import Path

PACKED = Path(__file__).parent / "config"
"""Where the wheel carries them."""
CHECKOUT = Path(__file__).parents[2] / "config"
FILES = ("krd.yaml", "okrs/shop.yaml")


def lay_out(place: Path) -> Path:
    """Copy the files into a folder of `place`, and give that folder."""
    source = PACKED if PACKED.is_dir() else CHECKOUT
    folder = place / "config"
    for name in FILES:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, target)
    return folder
