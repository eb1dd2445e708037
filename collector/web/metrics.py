"""Exposes the board to Prometheus: read at every scrape, and what is not known is absent, never a zero."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from importlib.metadata import version

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from collector.ports.board import Board
from collector.web.daemon_metrics import daemon_metrics
from collector.web.key_result_metrics import key_result_metrics

Readers = Callable[[], int]
"""Counts who reads the event stream now."""


def make_registry(board: Board, readers: Readers | None = None) -> CollectorRegistry:
    """Make a registry of its own, so that two servers in one process do not meet."""
    registry = CollectorRegistry()
    registry.register(BoardCollector(board, readers))
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    return registry


class BoardCollector(Collector):
    """Reads the board once a scrape, and who reads the event stream, where there is one."""

    def __init__(self, board: Board, readers: Readers | None = None) -> None:
        self._board, self._readers = board, readers
        self._build = {"version": version("krd"), "python": platform.python_version()}

    def collect(self) -> Iterator[Metric]:
        """Give all families of krd's own."""
        build = InfoMetricFamily("krd_build", "What runs: the version of krd and of Python.")
        build.add_metric([], self._build)
        yield build
        yield from key_result_metrics(self._board.verdicts())
        yield from daemon_metrics(self._board)
        if self._readers is not None:
            meaning = "Readers of the event stream at present."
            yield GaugeMetricFamily("krd_stream_readers", meaning, value=float(self._readers()))
