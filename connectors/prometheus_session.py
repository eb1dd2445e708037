"""Gives prometheus-api-client a session without its traps, and turns what comes back into an envelope or a failure.

The library sends POST parameters in the address, has no time-out by default, mounts an adapter that retries, drops
`warnings` and `resultType`, puts whole bodies into error texts, and reads bodies of any length. All of that passes
through the session it is given, so all of that is settled here.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any, cast

import requests
from prometheus_api_client import PrometheusConnect
from requests.adapters import BaseAdapter

from connectors.api import ErrorKind, Failure
from connectors.auth import Authentication, configuration_failure
from connectors.deadline import bounded
from connectors.http import HEADERS, gather, host_of, no_answer, parse_json, quote, refusal
from connectors.secret import SecretUnavailable
from connectors.watched_adapter import WatchedAdapter

_KINDS = {
    "bad_data": ErrorKind.BAD_QUERY,
    "execution": ErrorKind.BAD_QUERY,
    "not_acceptable": ErrorKind.BAD_QUERY,
    "not_found": ErrorKind.BAD_QUERY,
    "timeout": ErrorKind.TIMEOUT,
    "canceled": ErrorKind.TRANSIENT,
    "internal": ErrorKind.TRANSIENT,
    "unavailable": ErrorKind.TRANSIENT,
    "too_many_requests": ErrorKind.RATE_LIMITED,
}
"""Prometheus' own words for what went wrong (web/api/v1/api.go), and what krd makes of them."""
IDLE = 60.0
"""Seconds after which an unused connection is not trusted any more: something between may have dropped it silently."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A successful answer with all that came around the result."""

    result_type: str
    result: Any
    warnings: tuple[str, ...] = ()


class Refused(Exception):
    """Carries a failure out through the library, which knows no typed errors."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.kind.value)
        self.failure = failure


class PrometheusApi:
    """Asks one Prometheus through `PrometheusConnect`. Never raises; one request a call. Thread-safe."""

    def __init__(
        self, url: str, authentication: Authentication, *, method: str, params: Mapping[str, str]
    ) -> None:
        self._host = host_of(url)
        self._url = url
        self._params = params
        self._session = PrometheusSession(authentication, self._host)
        self._connect = PrometheusConnect(url=url, session=self._session, method=method)

    def instant(
        self, text: str, at: str | None, seconds: float, patience: float | None = None
    ) -> Envelope | Failure:
        """Evaluate `text` `at` (unix seconds; `None` is the source's own present).

        The source is asked to give up after `patience` seconds (default: all of `seconds`); not all do.
        """
        params = {**self._params, "timeout": _milliseconds(patience or seconds)}
        if at is not None:
            params["time"] = at
        return self._ask(seconds, lambda: self._connect.custom_query(text, params=params))

    def range(
        self, text: str, start: datetime, end: datetime, step: int, seconds: float
    ) -> Envelope | Failure:
        """Evaluate `text` from `start` to `end` every `step` seconds; both must be whole seconds."""
        params = {**self._params, "timeout": _milliseconds(seconds)}
        return self._ask(
            seconds, lambda: self._connect.custom_query_range(text, start, end, str(step), params=params)
        )

    def version(self, seconds: float) -> str | None:
        """The version that the source claims, where it has the page; clones often have not."""
        outcome = self._ask(
            seconds, lambda: self._session.request("GET", f"{self._url}/api/v1/status/buildinfo")
        )
        found = outcome.result.get("version") if isinstance(outcome, Envelope) else None
        return found if isinstance(found, str) else None

    def names(self, seconds: float) -> list[str] | Failure:
        """The names of all metrics, for someone who looks around."""
        return self._look_up(seconds, self._connect.all_metrics)

    def label_values(self, label: str, metric: str, seconds: float) -> list[str] | Failure:
        """The values that `label` takes on `metric`."""
        match = {"match[]": metric}
        return self._look_up(seconds, lambda: self._connect.get_label_values(label, params=match))

    def close(self) -> None:
        """Close the connections. Safe to call twice."""
        self._connect.close()

    def _look_up(self, seconds: float, call: Any) -> list[str] | Failure:
        outcome = self._ask(seconds, call)
        return [str(name) for name in outcome.result] if isinstance(outcome, Envelope) else outcome

    def _ask(self, seconds: float, call: Any) -> Envelope | Failure:
        self._session.prepare(seconds)
        try:
            call()
        except Refused as refused:
            return refused.failure
        except (KeyError, TypeError):
            # The library takes the result out of an answer without looking at it.
            return Failure(ErrorKind.BAD_VALUE, f"{self._host} answered without a result; check the address")
        except Exception as error:  # noqa: BLE001 - whatever broke is an outcome: this border never raises
            return no_answer(error, host=self._host)
        return self._session.envelope()


class PrometheusSession(requests.Session):
    """A session bounded in time and size that keeps each thread's last envelope.

    It has one adapter, which does not retry, and ignores what others mount: the library mounts its own.
    """

    def __init__(self, authentication: Authentication, host: str) -> None:
        super().__init__()
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._authentication = authentication
        self._host = host
        self._thread = threading.local()
        self._opening = threading.Lock()
        self._adapter: WatchedAdapter | None = None
        self._used = 0.0

    def prepare(self, seconds: float) -> None:
        """Set the total deadline of this thread's next request."""
        self._thread.seconds = seconds
        self._thread.envelope = None

    def envelope(self) -> Envelope:
        """The envelope of this thread's last request."""
        return cast("Envelope", self._thread.envelope)

    def mount(self, prefix: str | bytes, adapter: BaseAdapter) -> None:
        """Mount nothing: there is one adapter, and it does not retry."""

    def get_adapter(self, url: str) -> BaseAdapter:  # noqa: ARG002 - there is one, wherever it goes
        """Open the one adapter at first use, because it reads certificates."""
        with self._opening:
            if self._adapter is None:
                try:
                    self._adapter = WatchedAdapter(self._authentication)
                except OSError as error:
                    raise Refused(configuration_failure(error)) from error
            elif time.monotonic() - self._used > IDLE:
                self._adapter.poolmanager.clear()
            self._used = time.monotonic()
            return self._adapter

    def close(self) -> None:
        with self._opening:
            if self._adapter is not None:
                self._adapter.close()
                self._adapter = None

    def request(  # type: ignore[override]  # the library calls it with these; the rest of its wishes are refused
        self, method: str, url: str, params: Any = None, **_: Any
    ) -> requests.Response:
        """Make one request. Raises `Refused` for anything but a success in Prometheus' own envelope."""
        try:
            headers, secrets = self._authentication.present()
        except SecretUnavailable as error:
            raise Refused(configuration_failure(error)) from error
        form = {"data": params} if method == "POST" else {"params": params}
        with bounded(self._thread.seconds) as lease:
            response = super().request(
                method,
                url,
                headers={**HEADERS, **headers},
                timeout=lease.remaining,
                allow_redirects=False,
                stream=True,
                **form,
            )
            try:
                body = gather(response.iter_content(65536))
            except BaseException:
                response.close()
                raise
        found = {name.lower(): value for name, value in response.headers.items()}
        self._thread.envelope = self._read(response.status_code, found, body, secrets)
        return _Enveloped(self._thread.envelope)

    def _read(
        self, status: int, headers: Mapping[str, str], body: bytes, secrets: tuple[str, ...]
    ) -> Envelope:
        good = 200 <= status < 300
        told = parse_json(headers, body, host=self._host)
        if not good and (isinstance(told, Failure) or status in (401, 403, 407, 408, 429, 504)):
            raise Refused(refusal(status, headers, body, host=self._host, secrets=secrets))
        if isinstance(told, Failure):
            raise Refused(told)
        if isinstance(told, dict) and told.get("status") == "error":
            raise Refused(_error(told, status, self._host, secrets))
        if not good:
            raise Refused(refusal(status, headers, body, host=self._host, secrets=secrets))
        if not (isinstance(told, dict) and told.get("status") == "success" and "data" in told):
            text = f"{self._host} answered JSON that is not Prometheus' envelope; check the address"
            raise Refused(Failure(ErrorKind.BAD_VALUE, text))
        return _envelope(told, secrets)


def _milliseconds(seconds: float) -> str:
    # Prometheus takes whole numbers only in its durations.
    return f"{max(int(seconds * 1000), 100)}ms"


def _envelope(told: dict[str, Any], secrets: tuple[str, ...]) -> Envelope:
    payload = told["data"]
    warnings = tuple(quote(str(warning), secrets) for warning in told.get("warnings") or ())
    if isinstance(payload, dict) and "resultType" in payload:
        return Envelope(str(payload["resultType"]), payload.get("result"), warnings)
    return Envelope("other", payload, warnings)


def _error(told: dict[str, Any], status: int, host: str, secrets: tuple[str, ...]) -> Failure:
    kind = _KINDS.get(
        str(told.get("errorType")), ErrorKind.TRANSIENT if status >= 500 else ErrorKind.BAD_QUERY
    )
    said = quote(str(told.get("error", "")).removeprefix('invalid parameter "query": '), secrets)
    verdict = "refuses the query" if kind is ErrorKind.BAD_QUERY else "could not answer"
    return Failure(kind, f"{host} {verdict}: {said or 'without a reason'}", status=status)


class _Enveloped(requests.Response):
    """What the library sees: a success whose body is parsed already."""

    def __init__(self, envelope: Envelope) -> None:
        super().__init__()
        self.status_code = 200
        self._envelope = envelope

    def json(self, **_: Any) -> Any:
        result = self._envelope.result
        return {"data": result if self._envelope.result_type == "other" else {"result": result}}
