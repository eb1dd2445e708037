"""Readings of cycles long over go, a little at a time and only when nobody waits; what was judged of them stays."""

import threading
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.daemon.retention import PORTION as SAID_PORTION
from collector.daemon.retention import SAID_FOR, Retention
from collector.daemon.tally import Tally
from collector.daemon.watch import Watch
from collector.daemon.writer import Work, Writer
from collector.domain.cycle import CalendarDays, Cycle
from collector.domain.sample import Gap, GapReason, Sample
from collector.errors import StoreError
from collector.ports.store import Pruned
from collector.services.prune import KEPT_AFTER_THE_END, PORTION, kept_cycles
from collector.services.tick import Errand
from collector.store import engine

AT = datetime(2026, 11, 12, tzinfo=UTC)
SIXTY = "{source: prod, query: vector(60), every: 1h}"
BERLIN = ZoneInfo("Europe/Berlin")


def quarter(name):
    year, number = int(name[:4]), int(name[-1])
    starts = date(year, 3 * number - 2, 1)
    ends = date(year + number // 4, 3 * number % 12 + 1, 1)
    return Cycle(name, CalendarDays(BERLIN, starts), (ends - starts).days)


def okrs(*names):
    calendars = {("shop", name): SimpleNamespace(cycle=quarter(name)) for name in names}
    return SimpleNamespace(calendars=calendars, key_results={})


def ends(*names):
    return {name: quarter(name).ends for name in names}


def test_the_files_and_the_two_newest_cycles_that_ended_are_kept():
    last_read = ends("2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3") | {"2026-Q4": AT}
    assert kept_cycles(okrs("2026-Q4"), last_read, AT) == {"2026-Q2", "2026-Q3", "2026-Q4"}


def test_a_cycle_of_the_files_is_kept_however_old_and_counts_among_those_that_ended():
    last_read = ends("2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3") | {"2026-Q4": AT}
    kept = kept_cycles(okrs("2025-Q4", "2026-Q3", "2026-Q4"), last_read, AT)
    assert kept == {"2025-Q4", "2026-Q2", "2026-Q3", "2026-Q4"}


def test_a_cycle_taken_out_of_the_files_before_its_end_is_the_newest_that_ended():
    last_read = ends("2026-Q2", "2026-Q3") | {"2026-Q4": AT}
    assert kept_cycles(okrs("2027-Q1"), last_read, AT) == {"2026-Q3", "2026-Q4", "2027-Q1"}


@given(
    known=st.sets(
        st.sampled_from([f"{year}-Q{n}" for year in (2023, 2024, 2025, 2026) for n in (1, 2, 3, 4)])
    ),
    named=st.sets(st.sampled_from(["2026-Q3", "2026-Q4", "2027-Q1", "2024-Q2"])),
)
def test_what_is_let_go_is_neither_in_the_files_nor_among_the_newest(known, named):
    last_read = ends(*known)
    kept = kept_cycles(okrs(*named), last_read, AT)
    assert named <= kept
    gone = known - kept
    over = [name for name in known | named if name not in named or quarter(name).ends <= AT]
    later = [name for name in over if name not in gone]
    assert not gone or len(later) >= KEPT_AFTER_THE_END
    assert all(sum(quarter(other).ends > quarter(name).ends for other in later) >= 2 for name in gone)


@pytest.fixture
def quarters(house, prom):
    """Give `write(cycle)`: the same shop in another quarter, each with its own file of key results."""
    server = prom()

    def write(cycle):
        house.write(
            sources={"prod": f"{{kind: prometheus, url: '{server.url}', timeout: PT5S}}"},
            key_results={"one": SIXTY, "two": SIXTY},
            cycle=cycle,
            cycles=f"[{cycle}]",
        )

    return write


def counts(house, table):
    found = house.rows(
        f"SELECT k.cycle, count(*) FROM {table} o JOIN series e ON e.id = o.series"
        " JOIN key_results k ON k.id = e.key_result GROUP BY k.cycle"
    )
    return dict(found)


def test_old_readings_go_and_days_verdicts_and_live_cycles_stay(house, quarters, eventually):
    moments = {
        "2025-Q1": datetime(2025, 3, 20, 10, 2, tzinfo=UTC),
        "2025-Q2": datetime(2025, 6, 20, 10, 2, tzinfo=UTC),
        "2025-Q3": datetime(2025, 9, 20, 10, 2, tzinfo=UTC),
        "2025-Q4": datetime(2025, 11, 12, 10, 2, tzinfo=UTC),
    }
    for cycle, at in list(moments.items())[:3]:
        house.clock.set(at)
        quarters(cycle)
        house.start()
        house.stop()
    days, judged = counts(house, "days"), house.rows("SELECT count(*) FROM evaluation_days")
    before = counts(house, "samples")
    house.clock.set(moments["2025-Q4"])
    quarters("2025-Q4")
    house.start()

    def step():
        house.step(timedelta(minutes=1))
        return "2025-Q1" not in counts(house, "samples")

    eventually(step, 60)
    after = counts(house, "samples")
    assert {cycle: after[cycle] for cycle in ("2025-Q2", "2025-Q3")} == {
        cycle: before[cycle] for cycle in ("2025-Q2", "2025-Q3")
    }
    assert "2025-Q1" not in counts(house, "gaps")
    assert {cycle: counts(house, "days")[cycle] for cycle in days} == days
    assert house.rows("SELECT count(*) FROM evaluation_days") >= judged
    assert house.daemon.board.vitals().pruned >= before["2025-Q1"]


@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_pruning_changes_no_verdict_of_a_live_cycle(data, tmp_path_factory):
    """Whatever lies in the store: rows of live series are the same before and after, and so is all that is made of them."""
    store = engine.open(f"sqlite:///{tmp_path_factory.mktemp('store')}/krd.db")
    old, live = (1, 2), (3, 4)
    slots = [AT - timedelta(hours=n) for n in range(40)]
    rows = data.draw(
        st.lists(st.tuples(st.sampled_from(slots), st.sampled_from(old + live)), unique=True, max_size=120)
    )
    with store.write() as tx:
        tx._connection.exec_driver_sql(
            "INSERT INTO key_results VALUES (1, 'old', 's/a', NULL), (2, 'new', 's/a', NULL)"
        )
        for one in (*old, *live):
            tx._connection.exec_driver_sql(
                f"INSERT INTO series (id, key_result, role, segment, measure) VALUES ({one}, {1 if one in old else 2}, 'r{one}', 1, 'm')"
            )
        tx.add_samples(
            [(one, Sample(slot=slot, value=1.0, as_of=slot, recorded_at=slot)) for slot, one in rows[::2]]
        )
        tx.add_gaps([(one, Gap(slot, GapReason.NO_DATA)) for slot, one in rows[1::2]])
    limit, until = data.draw(st.integers(1, 9)), data.draw(st.sampled_from(slots))

    def known(tx):
        span = (slots[-1] - timedelta(hours=1), AT)
        return tx.samples(old + live, *span), tx.gaps(old + live, *span)

    with store.read() as tx:
        before = known(tx)
    after, gone = None, 0
    for _ in range(400):
        with store.write() as tx:
            pruned = tx.prune(old, limit, until, after)
        assert pruned.gone <= limit
        gone, after = gone + pruned.gone, pruned.reached
        if after is None:
            break
    with store.read() as tx:
        left = known(tx)
    store.close()
    assert after is None
    for was, now in zip(before, left, strict=True):
        assert {one: now[one] for one in live} == {one: was[one] for one in live}
        assert {one: now[one] for one in old} == {one: [x for x in was[one] if x.slot > until] for one in old}
    assert gone == sum(1 for slot, one in rows if one in old and slot <= until)


class Counting:
    """A store that says what is old, and counts the portions; it may refuse."""

    def __init__(self, portions, said=0):
        self.portions, self.pruned, self.refuses, self.said = portions, 0, False, said

    def read(self):
        return self

    write = read

    def __enter__(self):
        if self.refuses:
            raise StoreError("the disk is full")
        return self

    def __exit__(self, *_):
        return None

    def last_read(self):
        return ends("2024-Q1", "2024-Q2", "2024-Q3")

    def ended_series(self, kept):
        assert "2024-Q1" not in kept
        return [1]

    def prune(self, series, limit, until, after):
        assert limit == PORTION
        self.pruned += 1
        return Pruned(limit, "more" if self.pruned < self.portions else None)

    def prune_said(self, before, limit):
        assert limit == SAID_PORTION
        assert AT - before >= SAID_FOR or before.year == 2024
        gone = min(self.said, limit)
        self.said -= gone
        return gone


def test_a_portion_is_deleted_each_time_nobody_waits_until_nothing_is_left(house):
    store = Counting(portions=3)
    retention = Retention(store, okrs("2026-Q4"), Tally(AT), house.clock)
    for _ in range(6):
        retention.portion()
    assert store.pruned == 3


def test_what_was_said_long_ago_is_deleted_after_that_until_nothing_is_left(house):
    store, tally = Counting(portions=1, said=2 * SAID_PORTION + 1), Tally(AT)
    house.clock.set(AT)
    retention = Retention(store, okrs("2026-Q4"), tally, house.clock)
    for _ in range(6):
        retention.portion()
    assert (store.pruned, store.said) == (1, 0)
    assert tally.vitals(0).pruned == PORTION + 2 * SAID_PORTION + 1


def test_a_store_that_refuses_postpones_it(house):
    store = Counting(portions=3)
    tally = Tally(AT)
    retention = Retention(store, okrs("2026-Q4"), tally, house.clock)
    retention.portion()
    store.refuses = True
    retention.portion()
    store.refuses = False
    retention.portion()
    assert (store.pruned, tally.vitals(0).pruned) == (1, PORTION)


def test_a_defect_postpones_it_to_the_next_look(house):
    store = Counting(portions=3)
    retention = Retention(store, okrs("2026-Q4"), Tally(AT), house.clock)
    retention.portion()
    store.prune = lambda *_: 1 / 0
    with pytest.raises(ZeroDivisionError):
        retention.portion()
    retention.portion()
    assert store.pruned == 1


def test_the_writer_prunes_only_when_nothing_waits(house):
    order, go = [], threading.Event()

    class Books:
        def keep(self, *_, errand=None, **__):
            go.wait(10)
            order.append("errand" if errand else "kept")
            return []

    writer = Writer(Books(), Watch([]), Tally(AT), house.clock, lambda *_: None, lambda: order.append("idle"))
    works = [Work(errand=Errand(lambda *_: [])) for _ in range(50)]
    for work in works:
        writer.put(work)
    writer.start()
    go.set()
    assert works[-1].done.wait(10)
    writer.stop(timedelta(seconds=5))
    assert order.index("idle") > max(place for place, what in enumerate(order) if what == "errand")
    assert order.count("idle") == 1
