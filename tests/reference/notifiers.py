"""notifiers.md: the kinds of notifiers, what an HTTP status does to a message, and the webhook's body and signature."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import groupby

from collector.domain import backoff
from collector.domain.alert import AlertKind
from collector.domain.announcement import Announcement, Family, Occasion, Severity
from collector.notifiers import http, webhook
from collector.ports.notifier import Gone, Refused, TryLater, Verdict
from collector.registry.kinds import catalogue
from tests.reference.markdown import attribute_docs, fenced, page, table, unwrapped
from tests.reference.options import options_of

AT = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
KEY = b"an example key of 32 bytes only."
ANNOUNCEMENT = Announcement(
    id="evt_4c6f3a1e9b7d4a52b0c8d1e2f3a4b5c6",
    kind="drift",
    family=Family.VALUE,
    severity=Severity.TICKET,
    occasion=Occasion.FIRST,
    subject="checkout/p95-latency",
    team="checkout",
    title="Off track: Cut p95 checkout latency from 900 ms to 450 ms",
    sentence="Day 61 of 92, expected 66 %, actual 54 %, lands at 560 (530–590) of 450, P(hit) 0.12, needs −41.9/week",
    at=AT,
    lines=("checkout/p95-latency · owner Li", "next sync in 6 days"),
    owner="Li",
    episode=1,
    fingerprint="0f3a1e9b7d4a52b0c8d1e2f3a4b5c64c",
    facts={"cycle": "2026-Q4", "status": "off_track", "level": 657.0, "target": 450.0},
)


TOLD = {
    AlertKind.DRIFT: "a key result goes off track; it is back on track or at risk",
    AlertKind.REGRESSED: "a key result stands worse than where it began; it does not any more",
    AlertKind.BREACH: "more is used than the promise allows; it is not any more",
    AlertKind.SLO_BURN: "an error budget burns too fast; it does not any more",
    AlertKind.GUARDRAIL: "a guardrail is broken; it holds again",
    AlertKind.STALE: "there is no number young enough to be judged; a fresh reading came",
    AlertKind.BAD_QUERY: "the source answers, but not this question; a fresh reading came",
    AlertKind.IMPLAUSIBLE: "readings are held; none is any more",
    AlertKind.FLATLINE: "the same value comes day after day, and did not before; another one came",
    AlertKind.UNIT_CHANGE: "the values in use are those of another unit; they are those of the old one again",
    AlertKind.SOURCE_DOWN: "a source is down; it is up again",
    AlertKind.CONFIG_REJECTED: "files cannot run, each time in another way; they are accepted",
    AlertKind.CLOCK_JUMP: "the clock of the machine jumped; it has been steady for an hour",
    AlertKind.SINK_FAILING: "another notifier does not deliver; it does again",
}
"""Every kind of alert that is written about: what begins it, and what ends it."""


def page_of_notifiers() -> str:
    kinds = catalogue().notifiers
    return page(
        "Notifiers",
        (
            "A notifier stands under `notify:` of krd.yaml with its `kind` and options. `only` (see [files.md](files.md)) says "
            "what it wants to hear. A team is told by the notifiers it names in `notify`, else by all. `krd notify test` sends a "
            "test through them; nothing of it is stored."
        ),
        *(block for kind in sorted(kinds) for block in _kind(kind)),
        "## What an answer means",
        (
            "Those that speak HTTP post once, follow no redirect, read no proxy from the environment, and check certificates against "
            "the system's roots. What the status of the answer does to the message:"
        ),
        table(("status", "then", "krd says"), verdicts()),
        (
            f"A message that is to be tried later waits with full jitter under {_seconds(backoff.FIRST_RETRY)}, doubling to "
            f"{_seconds(backoff.LETTER_LONGEST)}, never less than `Retry-After` asks for (at most "
            f"{_seconds(http.LONGEST_WAIT)}), and is given up {_seconds(backoff.LETTER_HORIZON)} after it was written. No answer "
            "within `timeout`, a name that does not resolve, a certificate that is not trusted, a secret that is not there: tried "
            "later, too. Dead messages stay in the store; `krd_letters` and `krd_sendings_total` count them."
        ),
        "## The webhook's body",
        (
            f"JSON in UTF-8, the same bytes on every re-send, at most {webhook.BODY_BYTES:,} of them; `data.truncated` counts the "
            "lines and facts that had to be left out. Receivers drop what they have seen by `data.id`, which is also the header "
            "`webhook-id`."
        ),
        fenced(json.dumps(json.loads(webhook.render(ANNOUNCEMENT)), indent=2, ensure_ascii=False), "json"),
        table(("type", "is sent when"), event_types()),
        "### Fields of `data`",
        table(("field", "is"), fields()),
        "## The webhook's signature",
        (
            "[Standard Webhooks](https://github.com/standard-webhooks/standard-webhooks) 1.0.0; any of its libraries verifies it. "
            "The secret is `whsec_` and base64 of 24 to 64 bytes; while a receiver changes over, two may be given "
            "(`secret: [{env: NEW}, {env: OLD}]`), and both signatures are sent, separated by a space. Without a secret the "
            "message goes unsigned. HMAC-SHA256 is taken over `id.timestamp.body`; the timestamp is that of the attempt. For the "
            f"body above in its sent form (no blanks) and the key `{KEY.decode()}`:"
        ),
        fenced(
            "\n".join(
                f"{name}: {value}"
                for name, value in webhook.signed(
                    ANNOUNCEMENT.id, AT, webhook.render(ANNOUNCEMENT), [KEY]
                ).items()
            )
        ),
    )


def _kind(name: str) -> list[str]:
    kind = catalogue().notifiers[name]
    return [f"## {name}", f"{kind.title}. {unwrapped(kind.options.__doc__)}", options_of(kind.options)]


def verdicts() -> list[tuple[str, str, str]]:
    """Judge every status there is, and gather neighbours with the same verdict."""
    judged = [(status, http.judge("hook.example", status, None)) for status in range(200, 600)]
    rows = []
    for (then, said), group in groupby(judged, key=lambda one: _said(*one)):
        statuses = [status for status, _ in group]
        rows.append((f"{statuses[0]}–{statuses[-1]}" if len(statuses) > 1 else str(statuses[0]), then, said))
    return rows


def _said(status: int, verdict: Verdict) -> tuple[str, str]:
    match verdict:
        case TryLater(reason=reason):
            return "tried later", reason.replace(str(status), "…")
        case Refused(reason=reason):
            return "dead: not tried again", reason.replace(str(status), "…")
        case Gone(reason=reason):
            return (
                "kept, and the notifier is disabled until its entry changes or `krd alerts outbox retry` says so",
                reason.replace(str(status), "…"),
            )
        case _:
            return "delivered", ""


def event_types() -> list[tuple[str, str]]:
    assert {kind for kind in AlertKind if kind.family is not Family.NEWS} == TOLD.keys()
    return [
        *((_types(kind), meaning) for kind, meaning in TOLD.items()),
        ("`krd.value_due`", "a person has to enter a value before the brief"),
        (
            "`krd.<kind>.worse`, `krd.<kind>.repeat`, `krd.<kind>.passed`",
            "of any of these: it grew more severe; it still stands and nobody acknowledged it; it began and ended before it could be sent",
        ),
        ("`krd.alerts.grouped`", "several of one kind and team came together: `data.members` holds them"),
        ("`krd.brief`", "the sheet before a sync"),
        ("`krd.escalation`", "drift that nobody acknowledged, half-way between brief and sync"),
        ("`krd.changes`", "what changed since the brief, an hour before the sync"),
        ("`krd.test`", "`krd notify test`"),
    ]


def _types(kind: AlertKind) -> str:
    return f"`krd.{kind.value}.firing`, `krd.{kind.value}.resolved`"


def fields() -> list[tuple[str, str]]:
    said = attribute_docs(Announcement)
    own = {
        "family": "`value`, `data`, `news` or `daemon`.",
        "severity": "`info`, `ticket` or `page`.",
        "occasion": ", ".join(f"`{occasion}`" for occasion in Occasion if occasion is not Occasion.NOTE)
        + ".",
        "commitment": "`committed` or `aspirational`; empty where nothing was promised.",
        "since": "When what it speaks of began, RFC 3339 in UTC.",
        "link": "Where more can be seen; empty where krd has no public address.",
        "team": "The team that is told; empty when several are.",
        "at": "When it changed, RFC 3339 in UTC.",
        "episode": "Counts the times this alert was raised.",
        "fingerprint": "Names the alert over all its episodes.",
        "truncated": "How many lines and facts were left out for length.",
    }
    data = json.loads(webhook.render(ANNOUNCEMENT))["data"]
    return [(f"`{name}`", said.get(name) or own[name]) for name in data]


def _seconds(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    return f"{seconds // 3600} h" if seconds >= 3600 else f"{seconds} s"
