"""Everything that an author of a connector needs to prove it: subclass `ConnectorConformance` and run pytest."""

import pytest

pytest.register_assert_rewrite(
    "connectors.testing.asking", "connectors.testing.conformance", "connectors.testing.faults"
)

from connectors.testing.asking import Cases, ConnectorHarness  # noqa: E402 - rewriting must be asked for first
from connectors.testing.conformance import ConnectorConformance  # noqa: E402 - as above
from connectors.testing.fault_server import FaultServer, Received  # noqa: E402 - as above
from connectors.testing.faults import HTTP_FAULTS, HttpConformance  # noqa: E402 - as above

__all__ = [
    "HTTP_FAULTS",
    "Cases",
    "ConnectorConformance",
    "ConnectorHarness",
    "FaultServer",
    "HttpConformance",
    "Received",
]
