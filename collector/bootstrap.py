"""Sets a bare checkout up on its first start and runs the same command again inside, with nothing but Python and pip.

`python3 -m collector` and `python3 -m tests` call `ensure` before they import anything else. It makes `.venv` from the
lock file with uv (from the PATH, else fetched into `.tools`), or, where uv cannot be had or fails, a folder in `.tools`
with plain pip, and replaces the process by the same command run in there. It writes only into the checkout, needs no
root, and leaves an environment be that already holds what is needed, such as one made by `pip install .`.

It and `collector.setup` use the standard library alone, in syntax that older Pythons read, so that they can be told.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from collector.setup.checkout import HERE, Checkout
from collector.setup.progress import STARTED, SetupFailed, beginning, say
from collector.setup.tool import python

__all__ = ["SetupFailed", "ensure"]

OLDEST_PYTHON = (3, 11)


def ensure(groups: Sequence[str] = (), checkout: Checkout = HERE) -> None:
    """Return inside an environment that holds the dependencies and `groups`, or start this command again in one.

    Raises `SetupFailed` with one sentence when that cannot be had. A second start costs a few milliseconds.
    """
    if (refusal := _too_old(sys.version_info[:2])) is not None:
        raise SetupFailed(refusal)
    if not checkout.is_bare:
        return
    restarted = os.environ.get(STARTED)
    place = checkout.finished(groups)
    if place is not None and _inside(place):
        if restarted:
            say("ready")
        os.environ.pop(STARTED, None)
        return
    if (place is None or sys.prefix != sys.base_prefix) and _fits(checkout.requirements(groups)):
        return
    if restarted is not None:
        raise SetupFailed(
            f"{sys.executable} did not start inside {place or checkout.venv}: delete that folder and run again"
        )
    os.environ[STARTED] = ""
    if place is None:
        from collector.setup.environment import install  # noqa: PLC0415  (the second start does without)

        os.environ[STARTED] = str(beginning())
        place = install(checkout, groups)
    _restart(place)


def _too_old(version: tuple[int, int]) -> str | None:
    if version >= OLDEST_PYTHON:
        return None
    oldest, this = (".".join(map(str, number)) for number in (OLDEST_PYTHON, version))
    return f"krd needs Python {oldest} or newer and this is {this}: start it with a newer one, such as python{oldest}"


def _inside(place: Path) -> bool:
    return Path(sys.prefix).resolve() == place.resolve() or str(place) in sys.path


def _fits(requirements: Sequence[str]) -> bool:
    from collector.setup.requirement import satisfied  # noqa: PLC0415  (30 ms that a stamped start does not pay)

    return all(satisfied(requirement) for requirement in requirements)


def _restart(place: Path) -> NoReturn:
    interpreter = str(place / "bin/python")
    if not (place / "bin/python").exists():  # a folder of plain pip's
        interpreter = python()
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(place), os.environ.get("PYTHONPATH")]))
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(interpreter, [interpreter, *sys.orig_argv[1:]])  # noqa: S606  (our own Python, our own arguments)
