"""A comment on a pull request tells what matters first, and is never longer than GitHub takes."""

import pytest

from collector.cli.output import Column
from collector.cli.plan_comment import LONGEST, Remarked, comment

COLUMNS = (Column(""), Column("key result"))
TITLE = "a title that is rather long, as titles are " * 2


def rows(n, name):
    return [["~", f"{name}-{i} {TITLE}"] for i in range(n)]


def remarked(warnings=0, changed=0, reasons=0, same=0):
    return Remarked(
        warnings=[f"warning {i} {TITLE}" for i in range(warnings)],
        changed=rows(changed, "edited"),
        reasons=[f"reason {i} {TITLE}" for i in range(reasons)],
        same=rows(same, "same"),
        summary="so much changed. Nothing was written.",
    )


def test_what_fits_is_told_whole():
    told = comment(COLUMNS, remarked(warnings=2, changed=3, reasons=1, same=40))

    assert "Left out" not in told
    assert [told.count(word) for word in ("⚠", "edited-", "✎", "same-")] == [2, 3, 1, 40]
    assert told.index("edited-2") < told.index("⚠") < told.index("✎") < told.index("<details>")
    assert told.endswith("Nothing was written.\n")


def test_what_stays_the_same_is_left_out_first():
    told = comment(COLUMNS, remarked(warnings=2, changed=3, reasons=1, same=2_000))
    kept = told.count("same-")

    assert len(told) <= LONGEST
    assert [told.count(word) for word in ("⚠", "edited-", "✎")] == [2, 3, 1]
    assert "<summary>2000 unchanged</summary>" in told
    assert 0 < kept < 2_000
    assert f"Left out: {2_000 - kept} unchanged key results; `krd plan` prints all." in told
    assert told.count("<details>") == told.count("</details>") == 1


@pytest.mark.parametrize("longest", [2_000, 10_000, LONGEST])
def test_it_is_never_longer_than_may_be_and_uses_the_room(longest):
    told = comment(COLUMNS, remarked(warnings=300, changed=700, reasons=700, same=700), longest)

    assert longest - 1_000 < len(told) <= longest
    assert told.startswith("### krd plan\n")
    assert "Nothing was written." in told


def test_warnings_go_before_everything_else():
    told = comment(COLUMNS, remarked(warnings=1_000, changed=5))

    assert "edited-" not in told
    assert "5 changed key results" in told
