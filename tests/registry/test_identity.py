"""krd refuses to start with somebody else's `connectors`, in one sentence."""

import subprocess
import sys
import types
from pathlib import Path

import pytest

import collector
from collector.errors import KrdError
from collector.registry.identity import NotOurSibling, ensure_sibling

HOME = str(Path(collector.__path__[0]).parent)


def started(*path):
    """Call the check in a fresh Python whose import path begins with `path`."""
    program = (
        f"import sys; sys.path[:0] = {list(map(str, path))!r}\n"
        "from collector.errors import KrdError\n"
        "from collector.registry.identity import ensure_sibling\n"
        "try: ensure_sibling()\n"
        "except KrdError as refusal: print(refusal)\n"
    )
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    ).stdout


def test_our_own_sibling_is_accepted():
    ensure_sibling()
    assert started(HOME) == ""


@pytest.mark.parametrize("form", ["package", "namespace", "module"])
def test_another_package_in_front_of_ours_is_refused(tmp_path, form):
    if form == "module":
        (tmp_path / "connectors.py").write_text("")
    else:
        (tmp_path / "connectors").mkdir()
    if form == "package":
        (tmp_path / "connectors" / "__init__.py").write_text("raise SystemExit('it was imported')")
    if form == "namespace":
        assert started(tmp_path, HOME) == ""  # a folder without __init__ yields to the package behind it
        return
    said = started(tmp_path, HOME)
    assert said.startswith(
        f"krd cannot start: Python finds another package `connectors` in {tmp_path} instead of krd's"
    )
    assert len(said.splitlines()) == 1


def test_the_distribution_in_front_of_ours_is_named(tmp_path):
    (tmp_path / "connectors").mkdir()
    (tmp_path / "connectors" / "__init__.py").write_text("")
    info = tmp_path / "airpipe-2.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: airpipe\nVersion: 2.0\n")
    (info / "top_level.txt").write_text("connectors\n")
    (info / "RECORD").write_text("connectors/__init__.py,,\n")
    assert "another package `connectors` (of airpipe) in" in started(tmp_path, HOME)


def test_a_missing_sibling_is_refused(monkeypatch):
    monkeypatch.setattr(collector, "__path__", ["/nowhere/collector"])
    with pytest.raises(NotOurSibling, match="another package"):
        ensure_sibling()


def test_a_module_without_a_spec_counts_as_missing(monkeypatch):
    stray = types.ModuleType("connectors")
    monkeypatch.setitem(sys.modules, "connectors", stray)
    with pytest.raises(KrdError, match="is not there; install krd again"):
        ensure_sibling()
