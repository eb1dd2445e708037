"""Makes of `drift:` when a team's key results are off track: its own keys go before those of the file, usual ones last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from collector.configuration.documents.drift import Drift, Lines
from collector.configuration.findings import Findings
from collector.configuration.parse import WrittenKrd
from collector.configuration.yaml_tree import Loc
from collector.domain.drift_policy import DEFAULT, DriftPolicy
from collector.domain.shape import Commitment

T = TypeVar("T")
_Layers = Sequence[tuple[Loc, Lines]]


def drift_of_team(krd: WrittenKrd, team: str, findings: Findings) -> dict[Commitment, DriftPolicy]:
    """Make the policies of a team of `krd.yaml`; lines that cannot be are reported and replaced."""
    written = [(("teams", team, "drift"), krd.model.teams[team].drift), (("drift",), krd.model.drift)]
    return {
        commitment: _policy(krd, _layers(written, commitment), DEFAULT[commitment], findings)
        for commitment in Commitment
    }


def _layers(written: Sequence[tuple[Loc, Drift | None]], commitment: Commitment) -> _Layers:
    """Give what is said of a commitment, the nearest first."""
    said = [((*loc, commitment.value), getattr(drift, commitment.value)) for loc, drift in written if drift]
    return [(loc, lines) for loc, lines in said if lines is not None]


def _policy(krd: WrittenKrd, layers: _Layers, usual: DriftPolicy, findings: Findings) -> DriftPolicy:
    off_track = _nearest(layers, lambda lines: lines.off_track, usual.off_track)
    on_track = _nearest(layers, lambda lines: lines.on_track, usual.on_track)
    if off_track >= on_track:
        loc, lines = next((loc, lines) for loc, lines in layers if lines.off_track or lines.on_track)
        key = "off_track" if lines.off_track else "on_track"
        what = f"below {off_track:g} would be off track and from {on_track:g} on track: between them nothing is left"
        findings.error("KRD608", krd.file.place((*loc, key)), what, "write `off_track` below `on_track`")
        return usual
    return DriftPolicy(
        off_track=off_track,
        on_track=on_track,
        days=_nearest(layers, lambda lines: lines.days, usual.days),
        back=_nearest(layers, lambda lines: lines.back, usual.back),
    )


def _nearest(layers: _Layers, key: Callable[[Lines], T | None], usual: T) -> T:
    return next((said for _, lines in layers if (said := key(lines)) is not None), usual)
