"""When key results are off track, as it is written in `krd.yaml`: lines of P(hit) and days in a row."""

import pytest

from collector.domain.drift_policy import DEFAULT, DriftPolicy
from collector.domain.shape import Commitment

COMMITTED, ASPIRATIONAL = Commitment.COMMITTED, Commitment.ASPIRATIONAL
TEAM = "sync: {every: 7d}"


@pytest.fixture
def policies(files):
    """The policies of the team shop: `policies(team=…, file=…)`, each what stands in its `drift`."""

    def read(team=None, file=None):
        krd = files.KRD.replace(TEAM, f"{TEAM}, drift: {team}") if team else files.KRD
        loaded = files.load(krd=krd + (f"drift: {file}\n" if file else ""))
        assert loaded.findings == ()
        return loaded.required().okrs

    return read


def test_without_a_word_the_measured_lines_hold(policies):
    assert policies().teams["shop"].drift == DEFAULT
    assert DEFAULT[COMMITTED] == DriftPolicy(off_track=0.20, on_track=0.70, days=3, back=7)
    assert DEFAULT[ASPIRATIONAL] == DriftPolicy(off_track=0.20, on_track=0.50, days=3, back=7)


def test_what_is_written_of_one_commitment_leaves_the_other_alone(policies):
    drift = policies(file="{committed: {off_track: 0.1, days: 5}}").teams["shop"].drift
    assert drift[COMMITTED] == DriftPolicy(off_track=0.1, on_track=0.70, days=5, back=7)
    assert drift[ASPIRATIONAL] == DEFAULT[ASPIRATIONAL]


def test_a_teams_own_lines_go_before_those_of_the_file_key_by_key(policies):
    okrs = policies(
        team="{aspirational: {on_track: 0.6}}",
        file="{aspirational: {on_track: 0.4, off_track: 0.1, back: 2}}",
    )
    assert okrs.teams["shop"].drift[ASPIRATIONAL] == DriftPolicy(0.1, 0.6, 3, 2)


def test_a_key_result_is_judged_by_the_lines_of_its_team_and_commitment(policies):
    okrs = policies(file="{committed: {back: 9}, aspirational: {back: 8}}")
    backs = {one.commitment: one.drift.back for one in okrs.key_results.values()}
    assert backs == {commitment: {COMMITTED: 9, ASPIRATIONAL: 8}[commitment] for commitment in backs}
    assert backs


def test_lines_that_cross_between_file_and_team_are_told_at_the_team(files):
    krd = files.KRD.replace(TEAM, f"{TEAM}, drift: {{committed: {{off_track: 0.5}}}}")
    krd += "drift: {committed: {on_track: 0.4}}\n"
    assert [(one.code, one.place.line) for one in files.load(krd=krd).findings] == [("KRD608", 4)]
