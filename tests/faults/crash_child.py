"""A krd in small that is made to die: real books, a real store, real webhooks; its time and its sources are scripted.

Started as a program, it reads runs from its input, a JSON document a line, forks for each, and says how that ended. What
has to survive is on disk: the store, how far the script came, and the time.
"""

import json
import os
import random
import shutil
import sys
import threading
import traceback
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from collector import crash_points
from collector.clock import SetClock
from collector.domain.announcement import Announcement, Family, Occasion, Severity
from collector.domain.calendar import BriefOnPreviousWorkingDay, Calendar, WeeklySync
from collector.domain.cycle import CalendarDays, Cycle
from collector.domain.measure import Binding, Query
from collector.domain.okr import KeyResult, Okrs, Person, Team
from collector.domain.outage import SourceStanding
from collector.domain.policy import AlertPolicy
from collector.domain.sample import Gap, GapReason, Sample
from collector.domain.shape import Commitment, Reach, Typed
from collector.domain.span import Span
from collector.notifiers.webhook import Webhook, WebhookOptions
from collector.ports.catalogue import NotifierEntry, Traits
from collector.ports.notifier import NotifierOptions
from collector.ports.store import Deed, LetterState, Posting
from collector.services.announce import LEASE, Line, deliver
from collector.services.ask import Due, Found
from collector.services.ledger import Ledger
from collector.services.retry_letters import retry_letters
from collector.services.tick import Books, Errand
from collector.store import engine

STEPS = 4
STEP = timedelta(hours=26)
"""Longer than a day, so that each outage is an episode of its own that ends at once."""
BEGIN = datetime(2026, 10, 20, 12, tzinfo=UTC)
CYCLE = Cycle("2026-Q4", CalendarDays(ZoneInfo("Europe/Berlin"), date(2026, 10, 1)), 92)
CALENDAR = Calendar(CYCLE, WeeklySync(0, time(10)), BriefOnPreviousWorkingDay(time(15)))
ONCE = AlertPolicy(repeat=timedelta(days=100))
"""What is only said again as time goes by would tell a killed krd from another one."""
SOURCES = ("s0", "s1", "s2")
DOWN = SourceStanding(failures=3, down=True, since=BEGIN, detail="refused")
AILING = (SourceStanding(failures=1), SourceStanding(failures=2))
"""Not down yet: what is counted until then is kept without a change that is told."""
UP = SourceStanding(successes=2)


def key_result(source):
    return KeyResult(
        address=f"shop/{source}", title=source, objective="shop/o", team="shop", owner="li",
        commitment=Commitment.COMMITTED, cycle=CYCLE, calendar=CALENDAR, shape=Reach(Typed(1000), 100), document="{}",
        binding=Binding(source=source, form=Query("SELECT 1"), every=Span(days=1), window=Span(days=1)),
    )  # fmt: skip


def promised():
    team = Team("shop", CYCLE.grid.zone, "li", ("hook", "single"), alerts=ONCE)
    return Okrs(
        {one.key: one for one in map(key_result, SOURCES)},
        {},
        {"shop": team},
        {"li": Person("li", "Li")},
        {("shop", CYCLE.id): CALENDAR},
        dict.fromkeys(SOURCES, "li"),
        ONCE,
    )


class Run:
    """One process of that krd, from where the last one was."""

    def __init__(self, folder, url, seed):
        self.folder, self.seed = Path(folder), seed
        self.store = engine.open(f"sqlite:///{folder}/krd.db")
        came = self.folder / "came"
        self.step, seconds = json.loads(came.read_text()) if came.exists() else (0, None)
        after_the_lease = LEASE + timedelta(seconds=1)
        self.clock = SetClock(
            BEGIN if seconds is None else datetime.fromtimestamp(seconds, UTC) + after_the_lease
        )
        self.entries = {
            name: NotifierEntry(
                name, "webhook", NotifierOptions(), traits=Traits(groups=groups), digest="one"
            )
            for name, groups in (("hook", True), ("single", False))
        }
        self.lines = [
            Line(entry, Webhook(WebhookOptions(url=f"{url}/{name}"))) for name, entry in self.entries.items()
        ]
        self.books = Books(self.store, Ledger(promised()), self.entries)

    def go(self):
        self.note()
        self.books.enrol(self.clock.now(), {})
        for step in range(self.step, STEPS):
            self.step = step
            self.clock.set(max(self.clock.now(), BEGIN + step * STEP))
            self.note()
            self.tick(random.Random(f"{self.seed}:{step}"))
            self.advance(timedelta(minutes=1))
            self.deliver(timedelta(minutes=20))
        for _ in range(20):
            self.step = STEPS
            self.advance(timedelta(hours=1))
            self.deliver(timedelta(hours=1))
            if set(self.states()) <= {LetterState.SENT}:
                break
        self.store.close()

    def tick(self, draw):
        """Read, judge, raise alerts, and on some days write a brief."""
        at, step = self.clock.now(), self.step
        down = {source for source in SOURCES if draw.random() < 0.5}
        ailing = {source: draw.choice((UP, UP, *AILING)) for source in SOURCES}
        standings = {source: DOWN if source in down else ailing[source] for source in SOURCES}
        slot = max(moment for moment in map(CYCLE.grid.starts, range(CYCLE.days)) if moment <= at)
        found = []
        for account in self.books.ledger.accounts.values():
            source = account.binding.source
            left = (
                Gap(slot, GapReason.SOURCE_DOWN) if source in down else Sample(slot, 900.0 - step, slot, at)
            )
            found.append(Found(Due(account.key_result, account.binding, account.series, slot), left, at))
        self.books.keep(at, found=found, standings=standings)
        if draw.random() < 0.4:
            self.books.keep(at, errand=Errand(self.brief), standings=standings)

    def brief(self, ledger, tx, routes, at):
        sync = BEGIN + self.step * STEP
        if tx.mark_moment("shop", CYCLE.id, "brief", sync, "sent"):
            said = Announcement(
                id=f"evt_brief_{self.step}", kind="brief", family=Family.VALUE, severity=Severity.TICKET, at=sync,
                occasion=Occasion.BRIEF, subject="shop", team="shop", title="Brief", sentence="Nothing to decide.",
            )  # fmt: skip
            tx.note_deed(Deed(at=at, actor="krd", action="brief", subject="shop"))
            tx.enqueue([Posting(name, said) for name in routes], at)
        return []

    def deliver(self, within):
        """Send until nothing is due soon; a person looks after what was given up."""
        ends = self.clock.now() + within
        states = self.states()
        with self.store.read() as tx:
            disabled = tx.disabled()
        if disabled or LetterState.DEAD in states:
            retry_letters(self.store, self.clock.now(), actor="li", notifiers=list(self.entries))
        for line in self.lines:
            while self.clock.now() < ends:
                with self.store.read() as tx:
                    due = tx.next_due(line.name)
                if due is None or line.name in disabled_now(self.store):
                    break
                paced = timedelta(seconds=line.pace.wait(self.clock.monotonic()))
                wait = paced if line.pace.open else max(due - self.clock.now(), paced)
                if wait > timedelta(0):
                    self.advance(min(wait, ends - self.clock.now()))
                elif deliver(self.store, line, self.clock, lambda: 0.5) is None:
                    break

    def states(self):
        with self.store.read() as tx:
            return Counter(state for counts in tx.outbox().values() for state in counts)

    def advance(self, by):
        self.clock.advance(by)
        self.note()

    def note(self):
        """Write down how far it came: a real krd has its clock and its sources for that."""
        (self.folder / "coming").write_text(json.dumps([self.step, self.clock.now().timestamp()]))
        (self.folder / "coming").replace(self.folder / "came")


def disabled_now(store):
    with store.read() as tx:
        return set(tx.disabled())


def run(asked):
    """Do one run; with `point`, die there; else count what is passed."""
    if asked.get("point"):
        crash_points.arm(crash_points.Point(asked["point"]), asked["passes"])
        Run(asked["folder"], asked["url"], asked["seed"]).go()
        return
    passed = Counter()
    crash_points.on_each(lambda point: passed.update([point.value]))
    Run(asked["folder"], asked["url"], asked["seed"]).go()
    (Path(asked["folder"]) / "passed").write_text(json.dumps(passed))


def survived(asked):
    try:
        run(asked)
    except Exception:  # noqa: BLE001 - whatever it is, the one who asked has to hear of it
        traceback.print_exc()
        return 1
    return 0


def prepare(folder):
    """Make a store that runs copy: what it takes to make one is not what is tested here."""
    engine.open(f"sqlite:///{folder}/krd.db").close()


def serve():
    """Play the first script here, so that those who die later find everything loaded; then fork for each."""
    first = json.loads(sys.stdin.readline())
    prepare(first["new"])
    shutil.copytree(first["new"], first["folder"])
    run(first)
    assert threading.active_count() == 1, "what forks has one thread"
    print(json.dumps(0), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            os._exit(survived(asked))
        _, ended = os.waitpid(child, 0)
        print(json.dumps(os.waitstatus_to_exitcode(ended)), flush=True)


if __name__ == "__main__":
    serve()
