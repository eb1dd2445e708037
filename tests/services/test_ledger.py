"""What is remembered between transactions is dropped as soon as somebody else has written, whatever we wrote since."""

from dataclasses import replace
from datetime import timedelta

import pytest


@pytest.fixture
def known(desk, make):
    """A desk whose newest reading is 900."""
    made = desk(make.key_result())
    made.nothing_before()
    made.read(make.midnight(38), 900)
    return made


def change_beside(desk, value):
    """Have another process change the newest facts."""
    series = desk.account().series
    with desk.beside.write() as tx:
        tx.put_currents([replace(tx.currents([series])[series], value=value)])


def announce(desk):
    """Write as the threads do that send letters: without a look at what is remembered."""
    at = desk.clock.now()
    with desk.store.write() as tx:
        tx.claim("ops", at, at + timedelta(seconds=60))


def test_a_change_of_another_process_is_read_though_we_wrote_in_between(known):
    change_beside(known, 123.0)
    announce(known)
    announce(known)
    known.books.keep(known.clock.now(), standings={})
    assert known.account().current.value == 123.0


def test_a_change_of_another_process_between_two_transactions_of_ours_is_read(known):
    change_beside(known, 123.0)
    known.books.keep(known.clock.now(), standings={})
    assert known.account().current.value == 123.0


def test_what_we_wrote_ourselves_is_not_read_anew(known):
    account = known.account()
    announce(known)
    known.books.keep(known.clock.now(), standings={})
    assert known.account() is account


def test_a_ledger_read_in_passing_is_read_anew_by_who_writes(known):
    known.books.ledger.forget()
    with known.store.read() as tx:
        known.books.ledger.load(tx)
    change_beside(known, 123.0)
    known.books.keep(known.clock.now(), standings={})
    assert known.account().current.value == 123.0
