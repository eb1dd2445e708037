"""errors.md: why a slot has no number and what krd does next; krd's own errors and their exit codes."""

from __future__ import annotations

from collections.abc import Iterator

from collector.domain.sample import GapReason
from collector.errors import KrdError
from connectors.api import ErrorKind
from tests.reference.markdown import attribute_docs, page, table, unwrapped

NEXT = {
    GapReason.NO_DATA: "The gap stays a gap. `on_empty: zero` takes such an answer as 0 where that is the truth.",
    GapReason.TRANSIENT: "Asked up to three times in the slot, with full jitter; then a gap. Three failing rounds: source down.",
    GapReason.TIMEOUT: "As transient; the source's `timeout` bounds all tries together.",
    GapReason.RATE_LIMITED: "The whole source sleeps as long as it says (else 60 s), and counts neither as up nor as down.",
    GapReason.AUTH: "The source is down at once: one alert, asked every 10 minutes whether it takes us again.",
    GapReason.BAD_QUERY: "Refused three times in a row, it is asked less often: doubling to 1 h, then 6 h; it resumes by itself.",
    GapReason.BAD_VALUE: "As bad_query.",
    GapReason.CONFIG: "As bad_query. Secrets and files are read again at every try.",
    GapReason.PARTIAL: "Not recorded, unless the measure says `allow_partial: true`.",
    GapReason.SOURCE_DOWN: "Probed until the source is up; then the slot is healed where the source answers the past.",
    GapReason.BACKED_OFF: "Asked again when its pause is over; then healed where the source answers the past.",
    GapReason.WAITING: "Asked once a minute at most how far it is loaded; then the slot is healed, or its newest one read again.",
    GapReason.MISSED: "Healed at the next start where the source answers the past, else it stays a gap.",
}


def page_of_errors() -> str:
    said = attribute_docs(ErrorKind) | attribute_docs(GapReason)
    rows = [
        (
            f"`{reason.value}`",
            _meaning(reason, said),
            _yes(reason.value in list(ErrorKind) and ErrorKind(reason.value).retryable),
            _subject(reason),
            _yes(reason.healable),
            _yes(reason.breaks),
            NEXT[reason],
        )
        for reason in GapReason
    ]
    return page(
        "Errors",
        "## Why a slot has no number",
        (
            "Every slot that was due leaves a sample or a gap with one of these reasons; `krd show` lists them, "
            "`krd_gaps_total` counts them. *Healed*: asked again later, where the query can be asked about the past. "
            "*Breaks*: the health of the data becomes `broken`, and the status freezes."
        ),
        table(
            (
                "reason",
                "means",
                "asked again in the slot",
                "speaks of the",
                "healed",
                "breaks",
                "what krd does next",
            ),
            rows,
        ),
        "## Errors of krd itself",
        "One line on standard error, `krd: what happened, to what, what to do`, and this exit code:",
        table(
            ("error", "exit code", "means"),
            [(kind.__name__, kind.exit_code, unwrapped(kind.__doc__)) for kind in kinds_of_error()],
        ),
    )


def kinds_of_error() -> list[type[KrdError]]:
    """Give the classes of krd's errors, the root first, in the order in which they are written."""
    return [KrdError, *_below(KrdError)]


def _below(kind: type[KrdError]) -> Iterator[type[KrdError]]:
    for part in kind.__subclasses__():
        if part.__module__ == "collector.errors":
            yield part
            yield from _below(part)


def _subject(reason: GapReason) -> str:
    match reason:
        case GapReason.SOURCE_DOWN | GapReason.WAITING:
            return "source"
        case GapReason.MISSED:
            return "krd"
        case GapReason.NO_DATA | GapReason.BACKED_OFF:
            return "question"
        case _:
            return "source" if ErrorKind(reason.value).concerns_source else "question"


def _meaning(reason: GapReason, said: dict[str, str]) -> str:
    if reason is GapReason.NO_DATA:
        return "The source answered well, and had nothing."
    own = reason.value not in list(ErrorKind)
    return said[reason.name] if own else f"{said[reason.name].split(': ')[0]}."


def _yes(is_so: bool) -> str:
    return "yes" if is_so else ""
