"""Gives the real servers that the lab and the tests work with: a Prometheus, and an Alertmanager with its amtool.

Each is the one named in `KRD_PROMETHEUS` or `KRD_ALERTMANAGER`, one on the PATH, or the distribution's package, fetched
once into `.tools` (`~/.cache/krd` where krd is installed rather than checked out) without root and without installing.
"""

from __future__ import annotations

import os
from pathlib import Path

from collector.setup.checkout import HERE, Checkout
from collector.setup.package import Program, companion, find
from collector.setup.progress import SetupFailed

__all__ = ["SetupFailed", "alertmanager", "amtool", "prometheus", "promtool", "tools_folder"]

PROMETHEUS = Program("Prometheus", "KRD_PROMETHEUS", package="prometheus", folder="prometheus")
ALERTMANAGER = Program(
    "Alertmanager",
    "KRD_ALERTMANAGER",
    package="prometheus-alertmanager",
    folder="alertmanager",
    others=("alertmanager",),
    resources="/usr/share/prometheus/alertmanager",
)


def prometheus() -> Path:
    """Give a Prometheus that starts. Raises `SetupFailed` with what to do when there is none to be had."""
    return find(PROMETHEUS, tools_folder())


def promtool() -> Path:
    """Give the promtool that came with `prometheus()`. Raises `SetupFailed`."""
    return companion(PROMETHEUS, prometheus(), "promtool")


def alertmanager() -> Path:
    """Give an Alertmanager that starts. Raises `SetupFailed` with what to do when there is none to be had."""
    return find(ALERTMANAGER, tools_folder())


def amtool() -> Path:
    """Give the amtool that came with `alertmanager()`. Raises `SetupFailed`."""
    return companion(ALERTMANAGER, alertmanager(), "amtool")


def tools_folder(checkout: Checkout = HERE) -> Path:
    """Give the folder for fetched programs: the checkout's, or the user's cache for an installed krd."""
    if checkout.is_bare:
        return checkout.tools
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111  (as in uv_environment)
    return Path(cache) / "krd"
