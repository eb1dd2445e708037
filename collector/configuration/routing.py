"""What each notifier of `krd.yaml` wants to hear and how it is spoken to, and whether what is said reaches anybody."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from collector.configuration.documents.krd import Notifier
from collector.configuration.parse import WrittenKrd
from collector.configuration.roll import Roll
from collector.ports.catalogue import NotifierEntry, Only, Traits
from collector.ports.notifier import NotifierKind, NotifierOptions


def notifier_entry(
    name: str, written: Notifier, kind: NotifierKind, options: NotifierOptions
) -> NotifierEntry:
    """Make the entry of a notifier whose options are sound."""
    return NotifierEntry(
        name, written.kind, options, _only(written), _traits(written, kind), _digest(written)
    )


def check_routing(krd: WrittenKrd, entries: Mapping[str, NotifierEntry], roll: Roll) -> None:
    """Report names in `notify`, `escalate` and `only` that lead to nobody."""
    place = krd.file.place
    for name, notifier in krd.model.notify.items():
        for number, team in enumerate(notifier.only.teams if notifier.only else ()):
            roll.team(team, place(("notify", name, "only", "teams", number)))
    for name, written in krd.model.teams.items():
        for number, told in enumerate(written.notify or ()):
            roll.notifier(told, place(("teams", name, "notify", number)))
        for number, told in enumerate(written.escalate):
            at = place(("teams", name, "escalate", number))
            roll.notifier(told, at)
            if told in entries and entries[told].traits.alerts_only:
                what = f"the notifier `{told}` takes alerts alone: an escalation would not reach anybody"
                roll.findings.error("KRD310", at, what, "name a notifier that people read")


def _only(written: Notifier) -> Only:
    only = written.only
    if only is None:
        return Only()
    return Only(
        kinds=frozenset(only.kinds),
        families=frozenset(family.value for family in only.families),
        severity=only.severity,
        teams=frozenset(only.teams),
        commitments=frozenset() if only.commitment is None else frozenset({only.commitment.value}),
    )


def _traits(written: Notifier, kind: NotifierKind) -> Traits:
    return Traits(
        groups=kind.groups,
        alerts_only=kind.alerts_only,
        quiet=kind.people if written.quiet is None else written.quiet,
        rate=kind.rate,
        resend=kind.resend,
    )


def _digest(written: Notifier) -> str:
    """Hash the kind and its options as they are written: secrets stand there by reference, so none enters, and where
    krd is started from changes nothing.
    """
    facts = {"kind": written.kind, "options": written.model_extra or {}}
    canonical = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
