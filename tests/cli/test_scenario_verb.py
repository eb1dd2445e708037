"""`krd test`: quarters written as text are played, and every difference is told with its place and krd's own sentence."""

import pytest

QUARTER = """\
cycle: {starts: 2026-10-01, days: 92}
key_result: {commitment: aspirational, measure: {unit: ms, every: 1d}, from: 900, to: 450}
scenarios:
  - scenario: a steady fall is on track
    series: {main: "900x28 894-6x92"}
    expect: [{day: 46, status: on_track, level: 642}]
  - scenario: a standstill is on track
    series: {main: "900x120"}
    expect: [{day: 46, status: on_track}]
    transitions: []
"""
ONE = """\
scenario: my own key result
definitions: ../config/okrs/shop.yaml#latency
cycle: {starts: 2026-10-01, days: 50}
series: {main: "100x28 99-1x50"}
expect:
  - {day: 25, current: 75, level: 78, progress: 0.44, expected: 0.5, address: shop/latency}
"""


def test_what_goes_as_expected_ends_well(bare):
    bare.write("quarter.yaml", QUARTER.split("  - scenario: a standstill", maxsplit=1)[0])
    ran = bare.krd("test", "quarter.yaml")

    assert (ran.code, ran.err) == (0, "")
    assert "a steady fall is on track" in ran.out
    assert "1 scenario, all as expected" in ran.out


def test_a_difference_is_told_with_its_place_and_the_sentence(bare):
    bare.write("quarter.yaml", QUARTER)
    ran = bare.krd("test", "quarter.yaml")

    assert ran.code == 1
    assert "quarter.yaml:9:14: day 46: status" in ran.out
    assert "expected on_track" in ran.out
    assert "but it is off_track" in ran.out
    assert "Day 46 of 92, expected 50 %" in ran.out
    assert "1 of 2 scenarios failed" in ran.out


def test_machines_are_given_every_difference(bare):
    bare.write("quarter.yaml", QUARTER)
    good, bad = bare.krd("test", "quarter.yaml", "-o", "json").json

    assert (good["ok"], bad["ok"]) == (True, False)
    assert [(one["when"], one["what"], one["actual"]) for one in bad["differences"]] == [
        ("day 46", "status", "off_track"),
        ("in all", "transitions", ["day 29: drift pending", "day 31: drift firing"]),
    ]


def test_a_folder_stands_for_all_its_files(bare):
    bare.write("quarters/a.yaml", QUARTER.split("  - scenario: a standstill", maxsplit=1)[0])
    bare.write("quarters/b.yaml", QUARTER.split("  - scenario: a standstill", maxsplit=1)[0])

    assert "2 scenarios, all as expected" in bare.krd("test", "quarters").out


def test_a_folder_without_scenarios_is_an_error(bare):
    ran = bare.krd("test", ".")

    assert (ran.code, ran.out) == (2, "")
    assert "there is no *.yaml" in ran.err


def test_definitions_of_a_team_are_played_as_they_stand(world):
    world.write("quarters/latency.yaml", ONE)
    ran = world.krd("test", "quarters/latency.yaml")

    assert (ran.code, ran.err) == (0, ""), ran.out


def test_a_quarter_may_be_read_more_rarely_than_the_definition_says(world):
    world.change("config/okrs/shop.yaml", "every: 1d, query", "every: 15m, query")
    world.write("quarters/latency.yaml", ONE + "every: 1d\n")

    assert world.krd("test", "quarters/latency.yaml").code == 0


def test_an_unknown_key_result_is_told_with_a_near_one(world):
    world.write("quarters/latency.yaml", ONE.replace("#latency", "#latancy"))
    ran = world.krd("test", "quarters/latency.yaml")

    assert ran.code == 3
    assert "quarters/latency.yaml:2:14: error KRD307" in ran.err
    assert "did you mean latency?" in ran.err


@pytest.mark.parametrize(
    ("wrong", "right", "told"),
    [
        ("expectt: [", "expect: [{day: 46, status: on_track, level: 642}]", "6:5: error KRD201: the key `expectt`"),
        ("{day: 46, statuss: ", "{day: 46, status: ", "6:24: error KRD201: a verdict has no `statuss`"),
        ("status: on_trck", "status: on_track", "6:32: error KRD203: `on_trck` is no status; did you mean on_track?"),
        ("status: on_track | at_rsk", "status: on_track", "6:32: error KRD203: `at_rsk` is no status"),
        ('level: "900 ± x"', "level: 642", "6:49: error KRD203: `900 ± x` is no number and no bounds of one"),
        ("level: 9 .. 5", "level: 642", "6:49: error KRD203: `9 .. 5` is no number and no bounds of one"),
        ("level: [642]", "level: 642", "6:49: error KRD203: a list is no number"),
        ("provisional: 1", "level: 642", "6:55: error KRD203: `provisional` is true or false, not `1`"),
        ("reasons: 3", "level: 642", "6:51: error KRD203: `reasons` is a list, not `3`"),
        ("sentence: [x]", "level: 642", "6:52: error KRD203: `sentence` is a text, not a list"),
        ("forecast: 0.2", "level: 642", "6:52: error KRD203: `forecast` is a mapping, not `0.2`"),
        ("forecast: {p_hot: 1}", "level: 642", "6:53: error KRD201: `forecast` of a verdict has no `p_hot`; did you mean p_hit?"),
        ("budget: {burns: [{rate: x}]}", "level: 642", "6:66: error KRD203: `x` is no number"),
        ("guardrails: [{breeched: true}]", "level: 642", "6:56: error KRD201: `guardrails` of a verdict has no `breeched`"),
        ("{day: 93, ", "{day: 46, ", "6:20: error KRD203: day 93 is after the close: the cycle has 92 days"),
        ("900x28 89four", "900x28 894-6x92", "5:28: error KRD203: `89four` is no answer"),
        ("900x28 894-6", "900x28 894-6x92", "5:28: error KRD203: `894-6` does not say how often: write 894-6x7"),
        ("1/100x120", "900x28 894-6x92", "5:20: error KRD203: `main` asks for single numbers"),
        ("{mein: ", "{main: ", "5:14: error KRD201: the key result has no series `mein`; did you mean main?"),
        ("{status: ", "{day: 46, status: ", "6:14: error KRD203: the moment is not told"),
        ("commitment: sometimes", "commitment: aspirational", "2:26: error KRD203: `sometimes` is not a commitment"),
        ("{starts: 2026-13-01", "{starts: 2026-10-01", "1:17: error KRD203: `2026-13-01` is not a day"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line_and_column(bare, wrong, right, told):
    text = QUARTER.split("  - scenario: a standstill", maxsplit=1)[0]
    old = right if not wrong.endswith("[") else "expect: ["
    assert old in text
    bare.write("quarter.yaml", text.replace(old, wrong))
    ran = bare.krd("test", "quarter.yaml")

    assert (ran.code, ran.out) == (3, "")
    assert f"quarter.yaml:{told}" in ran.err


def test_a_bad_text_of_a_series_is_told_once(bare):
    bare.write("quarter.yaml", QUARTER.replace("900x28 894-6x92", "900x28 89four"))

    told = bare.krd("test", "quarter.yaml").err.splitlines()

    assert len(told) == 2
    assert "`89four` is no answer" in told[1]


def test_a_day_may_lie_in_the_time_in_which_late_data_settles(bare):
    text = QUARTER.split("  - scenario: a standstill", maxsplit=1)[0]
    text = text.replace("every: 1d}", "every: 1d, settle: 3d}").replace(
        "{day: 46, status: on_track, level: 642}", "{day: 95, status: achieved}"
    )
    bare.write("quarter.yaml", text.replace("894-6x92", "894-6x96"))

    assert bare.krd("test", "quarter.yaml").code == 0


def test_a_number_too_great_to_measure_anything_is_a_bad_value_as_it_is_live(bare):
    bare.write(
        "quarter.yaml",
        QUARTER.replace("900x120", "1e308x120").replace(
            "{day: 46, status: on_track}", "{day: 46, health: broken, trouble: contains measures nothing}"
        ),
    )
    ran = bare.krd("test", "quarter.yaml")

    assert (ran.code, ran.err) == (1, "")  # the alert for the data is not what the scenario expects
    assert "day 46: health" not in ran.out
    assert "day 46: trouble" not in ran.out


def test_a_scenario_that_cannot_be_played_to_its_end_has_failed_and_the_others_are_told(bare):
    wrong = """\
  - scenario: nothing is held
    series: {main: "900x28 894-6x92"}
    decisions: [{day: 12, release: true}]
"""
    bare.write(
        "quarter.yaml", QUARTER.replace("  - scenario: a standstill", wrong + "  - scenario: a standstill")
    )
    ran = bare.krd("test", "quarter.yaml")

    assert (ran.code, ran.err) == (1, "")
    assert "no reading is held" in ran.out
    assert "quarter.yaml:7:15: day 12: the scenario" in ran.out
    assert "2 of 3 scenarios failed" in ran.out


def test_a_defect_fails_the_scenario_and_no_other(bare, monkeypatch):
    def defect(*_):
        raise ZeroDivisionError("float division by zero")

    monkeypatch.setattr("collector.scenario.play.settle", defect)
    bare.write(
        "quarter.yaml", QUARTER.replace("    transitions: []", "    decisions: [{day: 12, release: true}]")
    )
    ran = bare.krd("test", "quarter.yaml")

    assert ran.code == 1
    assert "scenario_broke_off" in ran.err
    assert "but it is ZeroDivisionError: float division by zero" in ran.out
    assert "1 of 2 scenarios failed" in ran.out


def test_a_standstill_on_a_way_down_scores_zero_and_not_less(bare):
    bare.write(
        "quarter.yaml",
        QUARTER.replace("level: 642", "score: 1").replace(
            "{day: 46, status: on_track}", "{day: 46, status: off_track, score: 1, progress: 1}"
        ),
    )

    told = bare.krd("test", "quarter.yaml").out

    assert "but it is 0.0" in told
    assert "-0" not in told
