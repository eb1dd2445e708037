"""An address of Prometheus may be written by reference; it is looked up when the source is opened."""

import pytest
from pydantic import ValidationError

from connectors.api import Secret, SecretUnavailable
from connectors.prometheus import KIND


def opened(place: str):
    return KIND.open(KIND.options.model_validate({"url": {"env": place}}))


def test_the_address_is_looked_up_when_the_source_is_opened(monkeypatch):
    options = KIND.options.model_validate({"url": {"env": "KR_PROM"}})
    monkeypatch.setenv("KR_PROM", "http://127.0.0.1:1/prometheus/")

    connector = KIND.open(options)

    assert repr(connector) == "PrometheusConnector('{env: KR_PROM}')"
    connector.close()


def test_a_missing_address_is_named_by_its_place(monkeypatch):
    monkeypatch.delenv("KR_PROM", raising=False)

    with pytest.raises(SecretUnavailable, match="KR_PROM is not set"):
        opened("KR_PROM")


def test_a_wrong_address_is_refused_without_being_shown(monkeypatch):
    monkeypatch.setenv("KR_PROM", "http://user:hunter2@prometheus.example")

    with pytest.raises(SecretUnavailable) as refused:
        opened("KR_PROM")

    assert "hunter2" not in str(refused.value)
    assert "`user` and `password`" in str(refused.value)


def test_a_plain_address_stays_a_text():
    options = KIND.options.model_validate({"url": "http://127.0.0.1:9090/"})

    assert not isinstance(options.url, Secret)
    assert options.url == "http://127.0.0.1:9090"


@pytest.mark.parametrize("url", ["http://127.0.0.1:99999", "http://127.0.0.1:0", "127.0.0.1:9090", "http://"])
def test_an_address_that_cannot_be_is_refused_at_once(url):
    with pytest.raises(ValidationError, match="expected an address such as"):
        KIND.options.model_validate({"url": url})
