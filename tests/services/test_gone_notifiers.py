"""A notifier that the files no longer name is forgotten: named again, it is not sent what is long over."""

from datetime import timedelta

from collector.domain.announcement import Announcement, Family, Occasion, Severity
from collector.domain.speech import Told
from collector.ports.catalogue import NotifierEntry
from collector.ports.store import LetterState, Posting
from collector.services.tell_of_krd import accepted
from collector.services.tick import Errand


def test_accepted_files_forget_the_notifiers_that_they_do_not_name(desk, make):
    made = desk(make.key_result())
    at = made.clock.now()
    made.books.routes = {"kept": NotifierEntry("kept", "console", None)}
    said = Announcement(
        "evt_1", "brief", Family.NEWS, Severity.INFO, Occasion.NOTE, "s", "shop", "t", "s", at
    )
    with made.beside.write() as tx:
        for name in ("kept", "gone"):
            tx.put_told([Told(name, "f", 1, open=True, severity=Severity.TICKET, at=at)])
            tx.enqueue([Posting(name, said)], at)
    made.books.keep(at, errand=Errand(accepted), standings={})

    assert list(made.books.ledger.told) == [("kept", "f")]
    with made.store.read() as tx:
        assert [one.notifier for one in tx.told()] == ["kept"]
        assert tx.outbox() == {"kept": {LetterState.DUE: 1}, "gone": {LetterState.DEAD: 1}}
        [letter] = tx.letters([LetterState.DEAD])
        assert tx.next_due("gone") is None
    assert letter.note == "the notifier is no longer in the files"
    made.books.keep(at + timedelta(days=60), errand=Errand(accepted), standings={})
