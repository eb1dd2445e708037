"""The promises of a connector, kept against a real Prometheus and against every fault of a network."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest

from connectors import prometheus
from connectors.testing import Cases, HttpConformance
from connectors.testing.fault_server import FaultServer, canned

AS_OF = datetime(2026, 11, 1, 12, tzinfo=UTC)
TOKEN = "tok-9f3b71c0aa"


def _hour(back: float) -> datetime:
    return AS_OF - timedelta(hours=back)


class TestPrometheus(HttpConformance):
    kind = prometheus.KIND
    as_of = AS_OF
    cases = Cases(
        good=[("sum(answer)", 42.0), ("half", 0.5), ("2 + 3", 5.0), ("max_over_time(hours[$window])", 100.0)],
        zero="nothing",
        empty="gone",
        text='"words"',
        nan="spoilt",
        several="latency_ms",
        picked=(
            "latency_ms",
            [({"service": "checkout"}, 450.0), ({"service": "search", "zone": "eu"}, 120.25)],
        ),
        bad_query="sum(answer",
        past=("hours", _hour(24), 76.0),
        range=(
            "hours",
            {_hour(back): None if back in (5, 6) else 100.0 - back for back in range(10, -1, -1)},
        ),
    )
    secrets = (TOKEN,)
    reply = staticmethod(
        canned(
            json.dumps(
                {
                    "status": "success",
                    "data": {"resultType": "vector", "result": [{"metric": {}, "value": [0, "42"]}]},
                }
            ).encode()
        )
    )
    not_applicable: ClassVar = {
        "today_only": "Prometheus is asked at a time, so every text answers the past",
        "writes": "PromQL has no words for writing",
        "slow": "the fault server hangs and trickles; a real Prometheus would need gigabytes to be slow reliably",
    }

    @pytest.fixture(autouse=True)
    def _source(self, known_prometheus, monkeypatch):
        self.url = known_prometheus.url
        monkeypatch.setenv("PROM_TOKEN", TOKEN)

    def make(self, **options):
        return self.make_at(self.url, **options)

    def make_at(self, url, **options):
        given = {"url": url, "bearer": {"env": "PROM_TOKEN"}, **options}
        return self.kind.open(self.kind.options.model_validate(given))

    @pytest.fixture
    def _refusing(self):
        with FaultServer("401") as server:
            self.refusing = server.url
            yield

    @pytest.fixture(autouse=True)
    def _gatekeeper(self, _refusing):
        """A proxy that knows nobody stands in for the sign-in that Prometheus leaves to others."""

    def make_unauthorised(self):
        return self.make_at(self.refusing)
