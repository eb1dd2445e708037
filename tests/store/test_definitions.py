"""What `collector.ports.store` promises about key results, their revisions and their segments."""

from datetime import timedelta

from collector.ports.store import Enrolment, Strand

QUARTER = timedelta(minutes=15)


def test_the_first_start_of_a_cycle_is_decided_once_in_whole_seconds(store, at):
    with store.write() as transaction:
        first = transaction.first_run("lab", at.replace(microsecond=700_000))
        again = transaction.first_run("lab", at + timedelta(hours=1))
    with store.read() as transaction:
        assert (first, again, transaction.first_runs()) == (at, at, {"lab": at})


def test_a_first_start_that_is_known_can_be_read_without_writing(store, at):
    with store.write() as transaction:
        transaction.first_run("lab", at)
    with store.read() as transaction:
        assert transaction.first_run("lab", at + QUARTER) == at


def test_a_key_result_is_enrolled_once(store, key_result, at):
    with store.write() as transaction:
        first = transaction.enrol([key_result()], at)
        second = transaction.enrol([key_result()], at + QUARTER)
    assert (
        first
        == second
        == {"2026-Q4:checkout/p95": Enrolment(key_result=1, series=1, segment=1, roles={"main": 1})}
    )


def test_enrolments_are_what_was_enrolled(store, key_result, at):
    with store.write() as transaction:
        made = transaction.enrol([key_result("a/one"), key_result("a/two")], at)
    with store.read() as transaction:
        assert transaction.enrolments() == made


def test_enrolling_the_same_again_writes_nothing(store, key_result, at, contents):
    with store.write() as transaction:
        transaction.enrol([key_result()], at)
    before = contents()
    with store.write() as transaction:
        transaction.enrol([key_result()], at + QUARTER)
    assert contents() == before


def test_a_changed_measure_begins_a_segment(store, key_result, at):
    with store.write() as transaction:
        transaction.enrol([key_result()], at)
        changed = transaction.enrol([key_result(measure_fingerprint="measure-b")], at)
        after = transaction.enrol([key_result(measure_fingerprint="measure-b")], at)
    assert changed["2026-Q4:checkout/p95"] == Enrolment(
        1, 2, 2, {"main": 2}, measure_changed=True, unexplained="measure"
    )
    assert after["2026-Q4:checkout/p95"] == Enrolment(1, 2, 2, {"main": 2}, unexplained="measure")


def test_a_measure_that_changes_back_begins_another_segment(store, key_result, at):
    with store.write() as transaction:
        for measure in ("measure-a", "measure-b", "measure-a"):
            last = transaction.enrol([key_result(measure_fingerprint=measure)], at)
    assert last["2026-Q4:checkout/p95"] == Enrolment(
        1, 3, 3, {"main": 3}, measure_changed=True, unexplained="measure"
    )


def test_a_changed_promise_keeps_its_series(store, key_result, at):
    with store.write() as transaction:
        transaction.enrol([key_result()], at)
        changed = transaction.enrol([key_result(promise_fingerprint="promise-b")], at)
    assert changed["2026-Q4:checkout/p95"] == Enrolment(
        1, 1, 1, {"main": 1}, promise_changed=True, unexplained="promise"
    )


def test_every_revision_of_a_definition_is_kept(store, key_result, at, contents):
    with store.write() as transaction:
        transaction.enrol([key_result()], at)
        transaction.enrol([key_result(document='{"to":400}')], at + QUARTER)
    rows = contents()["definitions"]
    assert [(row.revision, row.document) for row in rows] == [(1, '{"to":450}'), (2, '{"to":400}')]


def test_a_key_result_that_the_files_no_longer_hold_is_not_live_but_kept(store, key_result, at, contents):
    with store.write() as transaction:
        transaction.enrol([key_result("a/one"), key_result("a/two")], at)
        transaction.enrol([key_result("a/two")], at + QUARTER)
        transaction.enrol([key_result("a/two")], at + 2 * QUARTER)
    with store.read() as transaction:
        assert list(transaction.enrolments()) == ["2026-Q4:a/two"]
    kept = {row.address: row.removed for row in contents()["key_results"]}
    assert kept == {"a/one": round((at + QUARTER).timestamp() * 1000), "a/two": None}


def test_a_key_result_that_came_back_has_its_series_again(store, key_result, at):
    with store.write() as transaction:
        first = transaction.enrol([key_result()], at)
        transaction.enrol([], at)
        assert transaction.enrolments() == {}
        assert transaction.enrol([key_result()], at) == first
        assert transaction.enrolments() == first


def test_everything_ever_kept_is_given_with_all_its_series(store, key_result, at):
    with store.write() as transaction:
        transaction.enrol([key_result(), key_result("a/gone", document='{"title":"Gone"}')], at)
        transaction.enrol([key_result(measure_fingerprint="measure-b")], at + QUARTER)
    with store.read() as transaction:
        stays, gone = transaction.everything()
    assert (stays.key, stays.removed) == ("2026-Q4:checkout/p95", None)
    assert stays.strands == (Strand("main", 1, 1), Strand("main", 2, 3))
    assert (gone.key, gone.removed, gone.document) == ("2026-Q4:a/gone", at + QUARTER, {"title": "Gone"})
    assert gone.strands == (Strand("main", 1, 2),)
