"""One request for everyone who wants to know the same, as a job for `connectors.in_flight`."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from connectors.api import ErrorKind, Failure, Outcome, Question, Reading
from connectors.http import Reply
from connectors.http_json_answer import read
from connectors.http_json_recipe import Recipe
from connectors.http_json_request import Request, for_question
from connectors.http_json_session import Account, Session
from connectors.http_json_text import INSTANTS, Times, variables, zone_of
from connectors.in_flight import Step

_EVIDENCE_CHARACTERS = 4_000


@dataclass(frozen=True, slots=True)
class Asking:
    """How questions to one source are written and answered."""

    recipe: Recipe
    session: Session
    host: str
    zone: ZoneInfo | None = None
    """Zone of written dates, when the source's options name one."""
    remark: str | None = None
    """What every reading says of itself."""

    def request(self, question: Question, account: Account) -> Request | Failure:
        """Write the request for one question, as the account's clock shows its times."""
        zone = self._zone(account)
        if zone is None and self.recipe.dates.zone == "account":
            used = variables(question.text, *self.recipe.templates)
            if not used.isdisjoint(INSTANTS):
                return Failure(
                    ErrorKind.CONFIG,
                    f"{self.host} does not say in which time zone it reads dates; set `zone` of the source",
                )
        return for_question(self.recipe, question.text, Times(question.moment, self.recipe.dates, zone))

    def outcome(self, question: Question, request: Request, reply: Reply) -> Outcome:
        """Give one question its share of an answer."""
        answer = read(self.recipe, reply, host=self.host, extract=request.extract)
        if answer.incomplete and not question.allow_partial:
            return answer.incomplete
        if not isinstance(answer.found, float):
            return answer.found
        evidence: dict[str, str | int | float] = {"query": request.text[:_EVIDENCE_CHARACTERS]}
        if self.remark:
            evidence["remark"] = self.remark
        warnings = (answer.incomplete.message,) if answer.incomplete else ()
        return Reading(answer.found, question.moment.as_of, evidence, warnings)

    def _zone(self, account: Account) -> ZoneInfo | None:
        if self.zone is not None:
            return self.zone
        match self.recipe.dates.zone:
            case None:
                return None
            case "account":
                return account.zone
            case name:
                return zone_of(name)


@dataclass(frozen=True, slots=True)
class AskJob:
    """Makes one request, and answers everyone who waits for it."""

    asking: Asking
    questions: Sequence[Question]

    @property
    def keys(self) -> list[str]:
        return [question.key for question in self.questions]

    def run(self, seconds: float) -> Step[str]:
        expires = time.monotonic() + seconds
        account = self.asking.session.account(seconds)
        if isinstance(account, Failure):
            # Nobody else gets an answer either, and each would ask again who we are.
            return Step([(key, account) for key in self.keys], halt=account)
        request = self.asking.request(self.questions[0], account)
        if isinstance(request, Failure):
            return Step([(key, request) for key in self.keys])
        reply = self.asking.session.ask(request, account, expires - time.monotonic())
        if isinstance(reply, Failure):
            halts = reply.kind in (ErrorKind.AUTH, ErrorKind.RATE_LIMITED)
            return Step([(key, reply) for key in self.keys], halt=reply if halts else None)
        return Step([(question.key, self._outcome(question, account, reply)) for question in self.questions])

    def _outcome(self, question: Question, account: Account, reply: Reply) -> Outcome:
        own = self.asking.request(question, account)
        return own if isinstance(own, Failure) else self.asking.outcome(question, own, reply)


def jobs(asking: Asking, questions: Iterable[Question]) -> list[AskJob]:
    """Group questions whose requests are equal on the wire, so that each request is made once."""
    groups: dict[tuple[object, ...], list[Question]] = {}
    for question in questions:
        # In UTC: requests that are equal there are equal in every zone.
        request = for_question(asking.recipe, question.text, Times(question.moment, asking.recipe.dates))
        groups.setdefault(request.wire, []).append(question)
    return [AskJob(asking, group) for group in groups.values()]
