import sys
import tempfile
from pathlib import Path

import pytest

from collector.__main__ import groups_for
from collector.lab.files import PASSWORD, lay_out
from collector.lab.story import run
from collector.lab.tracker import TrackerFailed


@pytest.mark.parametrize(
    ("command", "groups"),
    [(["demo", "--for", "3m"], ("lab",)), (["run"], ()), (["show", "demo"], ()), ([], ())],
)
def test_only_the_demo_asks_for_the_lab(command, groups):
    assert groups_for(command) == groups


def test_a_lab_without_roundup_leaves_nothing_behind(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setitem(sys.modules, "roundup", None)
    with pytest.raises(TrackerFailed, match=r"pip install 'krd\[lab\]'"):
        run(duration=None, folder=None, say=print)
    assert list(tmp_path.iterdir()) == []


def test_the_copied_files_say_where_the_secret_is(tmp_path):
    text = (lay_out(tmp_path) / "krd.yaml").read_text()
    assert f'password: {{file: "{tmp_path / PASSWORD}"}}' in text
    assert "{file: secrets" not in text


def test_the_files_are_otherwise_those_of_the_checkout(tmp_path):
    folder = lay_out(tmp_path)
    config = Path(__file__).parents[2] / "config"
    assert (folder / "okrs/shop.yaml").read_text() == (config / "okrs/shop.yaml").read_text()
    changed = set((folder / "krd.yaml").read_text().splitlines()) ^ set(
        (config / "krd.yaml").read_text().splitlines()
    )
    assert len(changed) == 2
