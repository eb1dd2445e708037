"""Does the same for several things at the same time, and lets go at once when Ctrl-C is pressed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

THREADS = 16


def together(act: Callable[[T], R], over: Sequence[T]) -> list[R]:
    """Give `act` of each, in the order of `over`; what it raises is raised here.

    Daemon threads, unlike a pool, do not keep an interrupted command waiting for a source that hangs.
    """
    waiting = iter(enumerate(over))
    turn = threading.Lock()
    done: dict[int, R] = {}
    failed: list[BaseException] = []

    def work() -> None:
        while not failed:
            with turn:
                taken = next(waiting, None)
            if taken is None:
                return
            place, one = taken
            try:
                done[place] = act(one)
            except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
                failed.append(error)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(THREADS, len(over)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return [done[place] for place in range(len(over))]
