"""Calls the roll of names: which are known, which are taken, which are meant but nowhere."""

from __future__ import annotations

from dataclasses import dataclass, field

from collector.configuration.findings import Findings, did_you_mean
from collector.configuration.parse import WrittenKrd
from collector.domain.lint.finding import Place
from collector.domain.okr import KeyResult, Objective


@dataclass(slots=True)
class Roll:
    """Every address that was read, and every reference to one."""

    krd: WrittenKrd
    findings: Findings
    key_results: dict[str, KeyResult] = field(default_factory=dict)
    """By `cycle:address`, in the order of the files."""
    objectives: dict[str, Objective] = field(default_factory=dict)
    """By address."""
    objective_counts: dict[tuple[str, str], int] = field(default_factory=dict)
    """By (team, cycle)."""
    _addresses: set[str] = field(default_factory=set)
    _taken: dict[tuple[str, str], Place] = field(default_factory=dict)
    _references: list[tuple[str, Place]] = field(default_factory=list)
    _earlier: dict[tuple[str, str], str] = field(default_factory=dict)
    """By (cycle, earlier address): the address that it has now."""
    _renames: list[tuple[str, str, Place]] = field(default_factory=list)

    def take(self, address: str, cycle: str, place: Place) -> bool:
        """Claim an address in a cycle; the second one to claim it gets an error."""
        self._addresses.add(address)
        first = self._taken.setdefault((cycle, address), place)
        if first is not place:
            what = f"the address {address} is taken in {cycle} by {first}"
            self.findings.error("KRD308", place, what, "choose another id")
        return first is place

    def refer(self, address: str, place: Place) -> None:
        """Remember a reference, to be checked when all files were read."""
        self._references.append((address, place))

    def rename(self, cycle: str, address: str, earlier: str, place: Place) -> None:
        """Remember what an address was before; the second one to have been the same gets an error."""
        first = self._earlier.setdefault((cycle, earlier), address)
        if first != address:
            what = f"{earlier} has become {first} already: a history is continued by one key result"
            self.findings.error("KRD309", place, what, "remove one of the two `was`")
        self._renames.append((cycle, earlier, place))

    def check_references(self) -> None:
        """Report the references that lead nowhere, and earlier addresses that are still in use."""
        for cycle, earlier, place in self._renames:
            live = self._taken.get((cycle, earlier))
            if live is not None:
                what = f"{earlier} is no earlier address: it is in use in {cycle} by {live}"
                self.findings.error("KRD309", place, what, "remove it from `was`, or rename the other one")
        for address, place in self._references:
            if address not in self._addresses:
                what = f"there is no objective or key result `{address}`"
                self.findings.error("KRD307", place, what, did_you_mean(address, self._addresses))

    def person(self, name: str | None, place: Place) -> None:
        """Report a person who is not in `people`."""
        self._known("KRD301", "person", "people", name, place)

    def team(self, name: str | None, place: Place) -> None:
        """Report a team that is not in `teams`."""
        self._known("KRD302", "team", "teams", name, place)

    def notifier(self, name: str | None, place: Place) -> None:
        """Report a notifier that is not in `notify`."""
        self._known("KRD304", "notifier", "notify", name, place)

    def _known(self, code: str, what: str, section: str, name: str | None, place: Place) -> None:
        names = self.krd.names[section]
        if name is not None and name not in names:
            self.findings.error(
                code, place, f"there is no {what} `{name}` in krd.yaml", did_you_mean(name, names)
            )
