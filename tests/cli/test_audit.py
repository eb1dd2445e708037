"""`krd audit`: who changed what by hand."""


def test_nothing_was_changed_by_hand_at_first(measured):
    told = measured.krd("audit")

    assert (told.code, told.out) == (0, "nothing was changed by hand\n")


def test_a_change_is_a_line_with_who_and_what(kept):
    kept.krd("annotate", "latency", "a new cache", "--by", "Li")

    told = kept.krd("audit", "latency", "-o", "json")

    [line] = told.json
    assert told.code == 0
    assert (line["actor"], line["action"], line["subject"]) == ("Li", "annotate", "now:shop/latency")
    assert line["detail"]["text"] == "a new cache"
    assert " annotate " in kept.krd("audit").out


def test_the_newest_line_comes_first_and_a_limit_holds(kept):
    for text in ("one", "two", "three"):
        kept.krd("annotate", "latency", text)

    lines = kept.krd("audit", "--limit", "2", "-o", "json").json

    assert [line["detail"]["text"] for line in lines] == ["three", "two"]


def test_the_user_of_the_shell_did_it_where_nobody_else_is_named(kept):
    kept.krd("annotate", "latency", "a new cache", LOGNAME="sam")

    assert kept.krd("audit", "-o", "json").json[0]["actor"] == "sam"


def test_a_name_of_the_log_that_the_files_no_longer_hold_is_still_found(kept):
    kept.krd("annotate", "latency", "a new cache")
    kept.change("config/okrs/shop.yaml", "id: latency", "id: speed")

    lines = kept.krd("audit", "now:shop/latency", "-o", "json").json

    assert [line["action"] for line in lines] == ["annotate"]


def test_a_renamed_key_result_has_the_lines_of_its_old_name(kept):
    kept.krd("annotate", "latency", "a new cache")
    kept.change("config/okrs/shop.yaml", "- id: latency", "- id: speed\n        was: [latency]")
    kept.krd("once", "-q")

    lines = kept.krd("audit", "speed", "-o", "json").json

    assert "annotate" in [line["action"] for line in lines]


def test_a_subject_that_nobody_knows_is_refused_with_what_was_meant(measured):
    told = measured.krd("audit", "latncy")

    assert told.code == 2
    assert "did you mean shop/latency?" in told.err


def test_a_limit_below_one_is_wrong_usage(measured):
    assert measured.process("audit", "--limit", "0").code == 2


def test_hostile_text_of_the_log_stays_text(kept):
    kept.krd("annotate", "latency", "=cmd()\x1b[31m", "--by", "=Li")

    table, rows = kept.krd("audit").out, kept.krd("audit", "-o", "csv").out

    assert "\x1b" not in table
    assert ",'=Li," in rows
