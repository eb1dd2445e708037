"""Passes announcements to any of the services of the Apprise library, for receivers that krd does not know itself.

Apprise answers yes or no, so every no is worth another try: a refusal for good is not told from a short outage, and no
`Retry-After` is seen. One notifier has one address, because a re-send after half a success would double the other half.
Certificates and proxies are the library's business, not ours: it trusts the roots of `certifi` and obeys `HTTPS_PROXY`.
Install `krd[notify]`; see https://github.com/caronc/apprise/wiki for the form of each service's address.
"""

from __future__ import annotations

import importlib.util
import logging
import re
import threading
from datetime import datetime
from typing import TYPE_CHECKING, Any, assert_never

from collector.domain.announcement import Announcement, Severity
from collector.notifiers import wording
from collector.ports.notifier import Delivered, NotifierKind, NotifierOptions, TryLater, Verdict
from connectors.api import Secret, SecretUnavailable

if TYPE_CHECKING:
    from apprise import NotifyType

if (
    importlib.util.find_spec("apprise") is None
):  # the library itself is loaded when it is first needed: it is large
    raise ModuleNotFoundError("the package apprise is not installed", name="apprise")

BODY_CHARS = 16_000
"""Longest text for a service that takes more; others get four fifths of what they take."""

_MENTION = re.compile(r"(?<!\w)@(?=\w)|<(?=[@!#])")
_WORD_JOINER = "\u2060"


class AppriseOptions(NotifierOptions):
    """Which service to pass announcements to."""

    url: Secret
    """The address in Apprise's own form, such as `ntfy://ntfy.sh/topic`; it usually holds a token."""


class Apprise:
    """Passes to one address."""

    def __init__(self, options: AppriseOptions) -> None:
        self._url = options.url
        self._seconds = options.timeout.total_seconds()
        self._lock = threading.Lock()
        self._stuck: list[_Attempt] = []

    def send(self, announcement: Announcement, at: datetime) -> Verdict:  # noqa: ARG002 - the promise names it; the library needs no time
        """Pass it once. The library cannot be stopped: one that is past its deadline is left, and waited for next time."""
        try:
            url = self._url.reveal()
        except SecretUnavailable as unavailable:
            return TryLater(f"{unavailable}: provide the Apprise address there")
        if self._is_stuck():
            return TryLater("apprise is still busy with an earlier message, which may yet arrive")
        attempt = _Attempt(url, announcement, self._seconds)
        try:
            attempt.start()
        except RuntimeError:  # threading's word for a machine that gives no more threads
            return TryLater("apprise not asked: no thread left to watch the deadline")
        attempt.join(self._seconds)
        if attempt.is_alive():
            with self._lock:
                self._stuck.append(attempt)
            return TryLater(f"apprise gave no answer within {self._seconds:g} s")
        return attempt.verdict

    def close(self) -> None:
        """Hold nothing open between messages."""

    def _is_stuck(self) -> bool:
        with self._lock:
            self._stuck = [attempt for attempt in self._stuck if attempt.is_alive()]
            return bool(self._stuck)


class _Attempt(threading.Thread):
    """One call of the library, which knows no deadline of its own."""

    def __init__(self, url: str, announcement: Announcement, seconds: float) -> None:
        super().__init__(name="krd-apprise", daemon=True)
        self._url, self._announcement, self._seconds = url, announcement, seconds
        self.verdict: Verdict = TryLater("apprise gave no answer")

    def run(self) -> None:
        """Leave the verdict in `verdict`."""
        try:
            self.verdict = _passed(self._url, self._announcement, self._seconds)
        except Exception as error:  # noqa: BLE001 - any of its services may raise anything, with the address in the text
            self.verdict = TryLater(f"apprise failed: {type(error).__name__}")


def _passed(url: str, announcement: Announcement, seconds: float) -> Verdict:
    import apprise  # noqa: PLC0415 - see above

    _silence()
    asset = apprise.AppriseAsset(async_mode=False, storage_mode=apprise.PersistentStoreMode.MEMORY)
    service: Any = apprise.Apprise.instantiate(url, asset=asset)
    if service is None:
        return TryLater("apprise knows no service by this address: correct it where the secret is kept")
    service.retry = 0
    service.redirects = False
    service.overflow_mode = (
        apprise.OverflowMode.TRUNCATE
    )  # of words that were made to fit: never several messages
    service.socket_connect_timeout = min(service.socket_connect_timeout, seconds)
    service.socket_read_timeout = seconds
    title, body = words(announcement, int(0.8 * service.body_maxlen), service.title_maxlen)
    courier = apprise.Apprise(
        asset=asset
    )  # not the service alone: the courier escapes text for those who take HTML
    courier.add(service)
    sent = courier.notify(body=body, title=title, notify_type=_type(announcement), body_format="text")
    return Delivered() if sent else TryLater(f"apprise could not deliver to {service.service_name}")


def words(announcement: Announcement, limit: int, title_limit: int) -> tuple[str, str]:
    """Give title and body in plain text of together at most `limit` characters, in which nobody is called by name."""
    limit = min(limit, BODY_CHARS)
    message = wording.compose(announcement)
    heading = _uncalled(f"{wording.mark(announcement)} {message.title}")
    title = wording.clip(heading, min(title_limit, limit // 2) if title_limit > 0 else limit // 2)
    room = limit - len(title) - 1
    body = _uncalled("\n".join(wording.rows(message, room)).strip())
    return title, wording.clip(body, room)


def _silence() -> None:
    """Keep the library's log to itself: it tells addresses and answers, and its verdict is told by ours."""
    logger = logging.getLogger("apprise")
    logger.propagate = False
    logger.setLevel(logging.CRITICAL + 1)
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


def _uncalled(text: str) -> str:
    """Keep names from being called and channels from being linked, whatever a service reads into plain text."""
    return _MENTION.sub(rf"\g<0>{_WORD_JOINER}", text)


def _type(announcement: Announcement) -> NotifyType:
    from apprise import NotifyType  # noqa: PLC0415 - see above

    if announcement.occasion.over:
        return NotifyType.SUCCESS
    match announcement.severity:
        case Severity.PAGE:
            return NotifyType.FAILURE
        case Severity.TICKET:
            return NotifyType.WARNING
        case Severity.INFO:
            return NotifyType.INFO
        case never:
            assert_never(never)


KIND = NotifierKind(
    name="apprise", title="Any service of the Apprise library", options=AppriseOptions, open=Apprise, rate=0.5
)
