"""What the daemon remembers between transactions: a copy of the store that is dropped whenever it may be wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from collector.domain.alert import Alert, AlertKind, quiet
from collector.domain.evaluation import Evaluation
from collector.domain.okr import MAIN, KeyResult, Okrs
from collector.domain.silence import Ack, Silence
from collector.domain.speech import Told
from collector.ports.store import Enrolment, Transaction
from collector.services.account import Account, Index, index_of
from collector.services.take_baseline import fitting


@dataclass(slots=True)
class Ledger:
    """Accounts by series, and the alerts. Used by one thread at a time."""

    okrs: Okrs
    accounts: dict[int, Account] = field(default_factory=dict)
    alerts: dict[tuple[AlertKind, str], Alert] = field(default_factory=dict)
    """By what they are and whom they concern; quiet ones once they were asked for."""
    generation: int | None = None
    """The store's, as it was when everything was read; nothing when that is to be done."""
    told: dict[tuple[str, str], Told] = field(default_factory=dict)
    """What notifiers were told last, by notifier and fingerprint."""
    acks: dict[str, Ack] = field(default_factory=dict)
    """By fingerprint."""
    silences: list[Silence] = field(default_factory=list)
    """Those that last, or will."""
    look: datetime | None = None
    """When time alone may bring something to say; nothing: at once."""
    _index: Index | None = field(default=None, repr=False)
    enrolments: Mapping[str, Enrolment] | None = None
    """As the files of this process enrolled them: what another process enrols meanwhile is its own business."""

    @property
    def page(self) -> str:
        """Where people find krd's page; empty where it has no public address."""
        return self.okrs.page

    @property
    def key_results(self) -> list[KeyResult]:
        """Those that are measured."""
        return [kr for kr in self.okrs.key_results.values() if kr.binding is not None]

    def load(self, tx: Transaction, enrolments: Mapping[str, Enrolment] | None = None) -> bool:
        """Read everything anew, unless it is here already and nobody else has written since; tells whether it was."""
        if self.generation is not None and self.generation == tx.generation:
            return False
        if enrolments is not None:
            self.enrolments = enrolments
        known = self.enrolments if self.enrolments is not None else tx.enrolments(self.key_results)
        measured = [(kr, known[kr.key]) for kr in self.key_results if kr.key in known]
        ids = [enrolment.key_result for _, enrolment in measured]
        series = [
            enrolment.roles[role]
            for kr, enrolment in measured
            for role in kr.bindings
            if role in enrolment.roles
        ]
        currents, days, held = tx.currents(series), tx.days(series), tx.held(series)
        baselines, evaluations = tx.baselines(ids), tx.evaluations(ids)
        self.accounts = {}
        for key_result, enrolment in measured:
            made = {
                role: Account(
                    key_result,
                    binding,
                    enrolment,
                    currents[one],
                    days[one],
                    role,
                    holding=list(held[one]),
                )
                for role, binding in key_result.bindings.items()
                if (one := enrolment.roles.get(role)) is not None
            }
            _connect(made)
            if MAIN not in made:
                continue
            made[MAIN].baseline = fitting(made[MAIN], baselines.get(enrolment.key_result))
            made[MAIN].evaluation = _of_series(evaluations.get(enrolment.key_result), enrolment.series)
            self.accounts.update((account.series, account) for account in made.values())
        self.alerts = {(alert.kind, alert.subject): alert for alert in tx.alerts().values()}
        self.told = {(one.notifier, one.fingerprint): one for one in tx.told()}
        self.acks = {ack.fingerprint: ack for ack in tx.acks()}
        self.silences = list(tx.silences())
        self.look = None
        self.generation = tx.generation
        return True

    def forget(self) -> None:
        """Drop everything: a transaction failed, so memory and store may differ."""
        self.accounts, self.alerts, self.generation = {}, {}, None
        self.told, self.acks, self.silences, self.look = {}, {}, [], None

    def of(self, series: Iterable[int]) -> list[Account]:
        """Give the accounts of these series, each once."""
        return [self.accounts[one] for one in dict.fromkeys(series) if one in self.accounts]

    @property
    def judged(self) -> list[Account]:
        """The accounts that have verdicts: one a key result, in the order of the files."""
        return [account for account in self.accounts.values() if account.role == MAIN]

    def behind(self, source: str) -> list[Account]:
        """Give the judged accounts that a source feeds, in whatever part."""
        return self._found().by_source.get(source, [])

    def of_key(self, key: str) -> Account | None:
        """Give the judged account of a key result."""
        return self._found().by_key.get(key)

    def _found(self) -> Index:
        if self._index is None or self._index.accounts is not self.accounts:
            self._index = index_of(self.accounts)
        return self._index

    def alert(self, kind: AlertKind, subject: str) -> Alert:
        """Give an alert as it stands."""
        known = self.alerts.get((kind, subject))
        if known is None:
            known = self.alerts[kind, subject] = quiet(kind, subject)
        return known

    def put_alerts(self, alerts: Collection[Alert]) -> None:
        """Remember alerts as they stand now."""
        self.alerts |= {(alert.kind, alert.subject): alert for alert in alerts}


def _connect(made: Mapping[str, Account]) -> None:
    """Tell accounts of one key result what they are parts of."""
    for role, account in made.items():
        whole, _, name = role.rpartition("/")
        if whole:
            account.above = made[whole]
            account.above.operands[name] = account
        elif role != MAIN:
            account.above = made[MAIN]
            account.above.guardrails.append(account)


def _of_series(evaluation: Evaluation | None, series: int) -> Evaluation | None:
    """Another measure is another series: what was judged of the old one says nothing about it."""
    return evaluation if evaluation is not None and evaluation.series == series else None
