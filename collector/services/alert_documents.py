"""Alerts as JSON documents: the same ones from the API, the event stream, the JSON feed and `krd alerts`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from collector.domain.alert import Alert, AlertState
from collector.domain.announcement import Announcement
from collector.ports.board import OpenAlert
from collector.ports.store import Item
from collector.ports.subject import of_key_result

CHANGE_KEYS = (
    "seq", "event", "at", "occasion", "was", "why",
    "kind", "family", "severity", "state", "since", "opened", "ended", "fingerprint", "episode", "step", "subject", "cycle",
    "team", "owner", "commitment", "title", "sentence", "lines", "link", "facts",
)  # fmt: skip
"""What the document of every change holds."""


def item_document(item: Item) -> dict[str, Any]:
    """Give a change of an alert: the line of `krd alerts follow -o jsonl` and the data of an `alert` event.

    Every document has the same keys; what is not known is null, times are RFC 3339 in UTC. `seq` is the cursor, `event`
    names the change for ever, and `title`, `sentence` and `lines` are its words as of `at`.
    """
    change = item.transition
    said = change.said
    if said is None:
        raise ValueError(f"change {item.seq} has no words: the store promises some for every change it gives")
    return {
        "seq": item.seq,
        "event": change.event,
        "at": _instant(change.at),
        "occasion": said.occasion.value,
        "was": change.was.value,
        "why": change.why or None,
        **_standing(change.alert, said),
        **_words(said),
    }


def alert_document(one: OpenAlert) -> dict[str, Any]:
    """Give an open alert as it stands now: an entry of `krd alerts list -o json` and of `/api/v1/alerts`.

    Every document has the same keys. `acked`, `silenced` and `inhibited_by` are null where nothing of that kind lies over
    it; `at` tells as of when its words are.
    """
    ack, silence, inhibitor = one.ack, one.silence, one.inhibitor
    return {
        "event": one.alert.event or one.said.id,
        "at": _instant(one.said.at),
        **_standing(one.alert, one.said),
        "acked": {"by": ack.author, "at": _instant(ack.at), "note": ack.note or None} if ack else None,
        "silenced": {
            "id": silence.id,
            "until": _instant(silence.ends),
            "by": silence.author,
            "reason": silence.reason,
        }
        if silence
        else None,
        "inhibited_by": {
            "fingerprint": inhibitor.fingerprint,
            "kind": inhibitor.kind.value,
            "subject": inhibitor.subject,
        }
        if inhibitor
        else None,
        **_words(one.said),
    }


def _standing(alert: Alert, said: Announcement) -> dict[str, Any]:
    return {
        "kind": alert.kind.value,
        "family": alert.kind.family.value,
        "severity": alert.severity.value,
        "state": alert.state.value,
        "since": _instant(alert.since),
        "opened": _instant(alert.opened),
        "ended": _instant(alert.ended) if alert.state is AlertState.RESOLVED else None,
        "fingerprint": alert.fingerprint,
        "episode": alert.episode,
        "step": alert.step,
        "subject": said.subject,
        "cycle": alert.subject.partition(":")[0] if of_key_result(alert, said) else None,
    }


def _words(said: Announcement) -> dict[str, Any]:
    return {
        "team": said.team or None,
        "owner": said.owner,
        "commitment": said.commitment or None,
        "title": said.title,
        "sentence": said.sentence,
        "lines": list(said.lines),
        "link": said.link or None,
        "facts": dict(said.facts),
    }


def _instant(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at is not None else None
