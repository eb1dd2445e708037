"""Speaks for one account with one source: proves who we are before anything is counted, and keeps the source's pace.

A wrong password is often answered with what the public may see: 200, and a number that is too small. So where a recipe
says how, the source is asked who we are before the first question, and again every hour.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from http.cookies import CookieError, SimpleCookie
from typing import Any
from zoneinfo import ZoneInfo

from connectors.api import ErrorKind, Failure
from connectors.auth import AuthenticatedOptions, Authentication
from connectors.http import Reply, host_of, parse_json
from connectors.http_client import HttpClient
from connectors.http_json_answer import look_up
from connectors.http_json_recipe import HealthRequest
from connectors.http_json_request import Request, for_health
from connectors.http_json_text import zone_of
from connectors.secret import Secret, SecretUnavailable

REMEMBERED = 3600.0
"""Seconds for which a proof of identity holds."""
MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Account:
    """Who the source takes us for. `cookie` is the sign-in's, a secret, and never shown."""

    identity: str | None = None
    zone: ZoneInfo | None = None
    version: str | None = None
    cookie: str | None = None

    def __repr__(self) -> str:
        return f"Account({self.identity!r})"


class Pace:
    """Lets at most `rate` requests start in any minute. Thread-safe."""

    def __init__(self, rate: int | None) -> None:
        self._rate = rate
        self._starts: deque[float] = deque()
        self._lock = threading.Lock()

    def take(self, seconds: float) -> Failure | None:
        """Wait for a turn that comes within `seconds`; else say when the next one is."""
        if self._rate is None:
            return None
        with self._lock:
            now = time.monotonic()
            while self._starts and self._starts[0] <= now - MINUTE:
                self._starts.popleft()
            wait = 0.0 if len(self._starts) < self._rate else self._starts[-self._rate] + MINUTE - now
            if wait >= seconds:
                return Failure(
                    ErrorKind.RATE_LIMITED,
                    f"the source allows {self._rate} requests a minute and they are used up; krd waits {wait:.0f} s",
                    timedelta(seconds=wait),
                )
            self._starts.append(now + wait)
        if wait > 0:
            time.sleep(wait)
        return None


class Session:
    """Asks within bounds. Never raises; every method answers with a `Failure` when it cannot do better. Thread-safe.

    `hint` is added to what is said of refused credentials.
    """

    def __init__(
        self,
        url: str,
        options: AuthenticatedOptions,
        *,
        health: HealthRequest | None,
        rate: int | None,
        connections: int,
        hint: str | None = None,
    ) -> None:
        self._url, self._host = url, host_of(url)
        self._health = health
        self._user = options.user
        self._client = HttpClient(Authentication(options), connections=connections)
        self._pace = Pace(rate)
        self._hint = hint
        self._introducing = threading.Lock()
        self._known: tuple[float, Account] | None = None
        self._welcome: Account | None = None

    def account(self, seconds: float, *, anew: bool = False) -> Account | Failure:
        """Who we are there: remembered for `REMEMBERED` seconds, else (or `anew`) asked."""
        if self._health is None:
            return Account()
        expires = time.monotonic() + seconds
        if not self._introducing.acquire(timeout=max(seconds, 0.0)):
            return Failure(ErrorKind.TIMEOUT, f"{self._host} did not say in time who we are; krd asks again")
        try:
            if self._known and not anew and time.monotonic() - self._known[0] < REMEMBERED:
                return self._known[1]
            self._known = None
            found = self._introduced(self._health, expires - time.monotonic())
            if isinstance(found, Account):
                self._known = (time.monotonic(), found)
            return found
        finally:
            self._introducing.release()

    def ask(self, request: Request, account: Account, seconds: float) -> Reply | Failure:
        """Make one request as `account`. Forgets who we are when the source no longer knows us."""
        found = self._exchange(request, seconds, account.cookie)
        if isinstance(found, Reply) and not self._signed_out(found, account):
            self._welcome = account
            return found
        if isinstance(found, Failure) and found.kind is not ErrorKind.AUTH:
            return found
        self._forget(account)
        if isinstance(found, Reply) or (account.cookie and self._welcome is account):
            # The sign-in has run out, which says nothing about the password.
            return Failure(ErrorKind.TRANSIENT, f"{self._host} signed us out; krd signs in and asks again")
        return found

    def close(self) -> None:
        self._client.close()

    def _forget(self, account: Account) -> None:
        # Another thread may have proven itself anew meanwhile. Without the lock, which is held while one does so.
        known = self._known
        if known and known[1] is account:
            self._known = None

    def _exchange(
        self, request: Request, seconds: float, cookie: str | None = None, **more: Any
    ) -> Reply | Failure:
        expires = time.monotonic() + seconds
        refused = self._pace.take(seconds)
        if refused:
            return refused
        arguments = request.arguments
        if cookie:
            arguments["headers"] = {**arguments.get("headers", {}), "Cookie": cookie}
        url = f"{self._url}/{request.path}" if request.path else self._url
        left = timedelta(seconds=max(expires - time.monotonic(), 0.001))
        found = self._client.exchange(request.method, url, left, **arguments, **more)
        if cookie and isinstance(found, Failure):
            found = replace(found, message=found.message.replace(cookie.partition("=")[2], "***"))
        if self._hint and isinstance(found, Failure) and found.kind is ErrorKind.AUTH:
            return replace(found, message=f"{found.message}; {self._hint}")
        return found

    def _introduced(self, health: HealthRequest, seconds: float) -> Account | Failure:
        try:
            user = self._user.reveal() if isinstance(self._user, Secret) else self._user or ""
        except SecretUnavailable as error:
            return Failure(ErrorKind.CONFIG, f"{error}; provide it, krd reads it again at the next try")
        request = for_health(health, user)
        if health.sign_in:
            return self._signed_in(request, health.sign_in, user, seconds)
        reply = self._exchange(request, seconds)
        if isinstance(reply, Failure):
            return reply
        document = parse_json(reply.headers, reply.body, host=self._host)
        return document if isinstance(document, Failure) else self._recognised(health, document, user)

    def _recognised(self, health: HealthRequest, document: Any, user: str) -> Account | Failure:
        told = look_up(health.identity or "", document, host=self._host)
        if isinstance(told, Failure):
            return told
        if told is None or told in ("", []):
            said = f"{self._host} answers, but does not know us: check the credentials and what they may read"
            return Failure(ErrorKind.AUTH, said)
        expected = user if health.expect == "$user" else health.expect
        names = [str(name) for name in (told if isinstance(told, list) else [told])]
        if expected and expected.casefold() not in (name.casefold() for name in names):
            return Failure(ErrorKind.AUTH, f"{self._host} takes us for someone else; check the credentials")
        return self._described(health, document, expected or ", ".join(names)[:100], user)

    def _described(self, health: HealthRequest, document: Any, identity: str, user: str) -> Account | Failure:
        zone = look_up(health.zone, document, host=self._host) if health.zone else None
        version = look_up(health.version, document, host=self._host) if health.version else None
        try:
            return Account(
                self._shown(identity, user),
                zone_of(str(zone)) if zone else None,
                str(version) if version else None,
            )
        except ValueError as error:
            return Failure(ErrorKind.CONFIG, f"the account's time zone is unknown here: {error}; set `zone`")

    def _shown(self, identity: str, user: str) -> str:
        """A name that was written by reference is told by its place alone."""
        secret = isinstance(self._user, Secret) and user.casefold() in identity.casefold()
        return str(self._user) if secret else identity

    def _signed_in(self, request: Request, cookie: str, user: str, seconds: float) -> Account | Failure:
        """Sign in: what proves the credentials is the cookie, whatever page the source shows or redirects to."""
        heard = _Heard()
        reply = self._exchange(request, seconds, extensions={"trace": heard})
        value = heard.cookies.get(cookie)
        if value:
            return Account(self._shown(user, user), cookie=f"{cookie}={value}")
        if isinstance(reply, Failure):
            return reply
        said = f"{self._host} answers, but does not sign us in; check the address and the credentials"
        return Failure(ErrorKind.AUTH, said)

    def _signed_out(self, reply: Reply, account: Account) -> bool:
        """Whether the source takes back the cookie that we sent; it then answered as it answers anybody."""
        name = (account.cookie or "").partition("=")[0]
        return bool(name) and f"{name}=" in reply.headers.get("set-cookie", "")


class _Heard:
    """Hears the cookies of an answer as httpcore reads its head; a redirect after a sign-in counts as a refusal further up."""

    def __init__(self) -> None:
        self.cookies: Mapping[str, str] = {}

    def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        if not event.endswith("receive_response_headers.complete"):
            return
        _, _, _, headers = info["return_value"][:4]
        jar: SimpleCookie = SimpleCookie()
        for name, value in headers:
            if name.lower() == b"set-cookie":
                try:
                    jar.load(value.decode("latin-1"))
                except CookieError:
                    continue
        self.cookies = {name: morsel.value for name, morsel in jar.items()}
