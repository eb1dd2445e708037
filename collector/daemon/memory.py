"""Keeps the garbage collector from walking, again and again, through what lives as long as the process."""

from __future__ import annotations

import gc

THRESHOLDS = (50_000, 20, 50)
"""New objects between two looks, and looks between two deeper ones; Python's own are (700, 10, 10).

A tick makes many objects and nearly all die by reference count; what it measurably cost was the walk through all key
results that are remembered.
"""


def settle() -> None:
    """Take everything alive now for lasting, and let go of what was taken for it before and is no more.

    To be called once the files and the books were read, and after each reload.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
