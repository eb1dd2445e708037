"""`krd plan` beside a store: what an edit would change, verdicts included, before it is merged."""


def one(told, address):
    return next(row for row in told.json["key_results"] if row["address"] == address)


def test_offline_compares_without_asking_any_source(kept):
    for file in kept.folder.glob("warehouse*"):
        file.unlink()
    kept.change("config/okrs/shop.yaml", "to: 50", "to: 40")
    told = kept.krd("plan", "--offline", "-o", "json")
    assert told.code == 0
    assert {row["value"] for row in told.json["key_results"]} == {None}
    assert one(told, "shop/latency")["change"] == "promise changed"


def test_a_promise_that_changes_the_verdict_shows_both(kept):
    before = one(kept.krd("plan", "-o", "json"), "shop/latency")
    kept.change("config/okrs/shop.yaml", "to: 50", "to: 99")
    after = one(kept.krd("plan", "-o", "json"), "shop/latency")
    assert before["status_before"] == before["status_after"]
    assert after["status_before"] == before["status_before"] != after["status_after"]
    assert " → " in kept.krd("plan").out


def test_the_verdict_of_another_measure_is_not_known_until_it_is_read(kept):
    before = one(kept.krd("plan", "-o", "json"), "shop/latency")["status"]
    kept.change("config/okrs/shop.yaml", "SELECT avg(ms)", "SELECT min(ms)")
    told = one(kept.krd("plan", "-o", "json"), "shop/latency")
    assert (told["change"], told["status_before"], told["status_after"]) == (
        "measure changed",
        before,
        "not_known",
    )
    for form in ("table", "md"):
        assert f"{before.replace('_', ' ')} → not known until it is read" in " ".join(
            kept.krd("plan", "-o", form).out.split()
        )


def test_the_sync_that_reads_another_measure_makes_its_verdict_known(kept):
    kept.change("config/okrs/shop.yaml", "SELECT avg(ms)", "SELECT min(ms)")
    assert kept.krd("once").code == 0
    told = one(kept.krd("plan", "--offline", "-o", "json"), "shop/latency")
    assert (told["change"], told["status_after"]) == ("unchanged", told["status"])
    assert told["status"] not in ("not_known", "not_started")


def test_a_renamed_key_result_with_another_measure_has_no_status_yet(kept):
    kept.change("config/okrs/shop.yaml", "id: latency", "id: speed\n        was: [latency]")
    kept.change("config/okrs/shop.yaml", "SELECT avg(ms)", "SELECT min(ms)")
    told = one(kept.krd("plan", "--offline", "-o", "json"), "shop/speed")
    assert (told["status"], told["status_after"]) == ("not_known", "not_known")


def test_a_retired_key_result_stays_retired_whatever_its_measure_becomes(kept):
    kept.change(
        "config/okrs/shop.yaml",
        'SELECT avg(ms) FROM calls WHERE at >= :since AND at < :until"}',
        'SELECT min(ms) FROM calls WHERE at >= :since AND at < :until"}\n        retired: {on: 2026-01-05, why: bought in}',
    )
    assert one(kept.krd("plan", "--offline", "-o", "json"), "shop/latency")["status_after"] == "retired"


def test_an_edit_without_a_reason_is_pointed_at(kept):
    kept.change("config/okrs/shop.yaml", "to: 50", "to: 40")
    told = kept.krd("plan")
    assert "shop/latency: the promise changes without a reason" in told.out
    assert "shop.yaml:" in told.out
    kept.change(
        "config/okrs/shop.yaml",
        "        from: 100",
        "        changes: [{on: 2026-01-05, why: agreed}]\n        from: 100",
    )
    assert "without a reason" not in kept.krd("plan").out


def test_a_renamed_key_result_is_told_with_its_old_name(kept):
    kept.change("config/okrs/shop.yaml", "id: calls", "id: more-calls\n        was: [calls]")
    told = one(kept.krd("plan", "-o", "json"), "shop/more-calls")
    assert (told["change"], told["renamed_from"]) == ("renamed", "now:shop/calls")
    assert kept.krd("plan", "-o", "json").json["gone"] == []


def test_the_comment_folds_what_stays_the_same(kept):
    kept.change("config/okrs/shop.yaml", "to: 50", "to: 40")
    told = kept.krd("plan", "-o", "md")
    shown, folded = told.out.split("<details>")
    assert told.out.startswith("### krd plan\n")
    assert "shop/latency" in shown
    assert "⚠" in shown
    assert "shop/slow" not in shown
    assert "2 unchanged" in folded
    assert "shop/slow" in folded


def test_planning_twice_finds_the_same(kept):
    kept.change("config/okrs/shop.yaml", "to: 50", "to: 40")
    assert one(kept.krd("plan", "--offline", "-o", "json"), "shop/latency") == one(
        kept.krd("plan", "--offline", "-o", "json"), "shop/latency"
    )


def test_a_renamed_key_result_is_shown_with_the_verdict_it_keeps(kept):
    before = one(kept.krd("plan", "-o", "json"), "shop/slow")
    kept.change("config/okrs/shop.yaml", "- id: slow", "- id: conversion\n        was: [slow]")
    told, table = kept.krd("plan", "-o", "json"), kept.krd("plan", "--offline").out

    after = one(told, "shop/conversion")
    kept_facts = ("status", "baseline", "baseline_kind", "target")
    assert [after[name] for name in kept_facts] == [before[name] for name in kept_facts]
    assert "not read yet" not in table


def test_the_reason_of_an_edit_stands_in_the_comment(kept):
    kept.change(
        "config/okrs/shop.yaml",
        "to: 50",
        "to: 40\n        changes: [{on: 2026-11-20, why: the board *decided*}]",
    )

    comment = kept.krd("plan", "-o", "md").out

    assert r"✎ shop/latency: the board \*decided\* (2026-11-20)" in comment
