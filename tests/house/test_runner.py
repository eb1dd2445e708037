"""The runner of the tests keeps its own promises: no skip in CI, settings of the caller left out, files shared out."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys

import pytest

SAMPLE = """
import os
import pytest

def test_a(): pytest.skip("no tool")
@pytest.mark.xfail
def test_b(): assert False
def test_c(): assert sorted(n for n in os.environ if n.startswith("KRD_")) == ["KRD_PROMETHEUS"]
"""

KIND = """
from connectors.testing import ConnectorHarness

class Test{name}(ConnectorHarness):
    not_applicable = {{"text": "it answers numbers only"}}

    def test_text(self, request): assert self.excused("text", request)
"""


BARE = """
from connectors.testing import ConnectorConformance, HttpConformance

class TestBare(ConnectorConformance):
    def test_it(self): self.make()
    def test_scene(self): self.make_unauthorised()
    def test_nowhere(self): self.make_unreachable()

class TestWeb(HttpConformance):
    def test_it(self): self.make_at("http://127.0.0.1:9")
"""


@pytest.fixture
def run_sample(root, tmp_path):
    shutil.copy2(root / "tests/conftest.py", tmp_path)
    (tmp_path / "test_sample.py").write_text(SAMPLE)

    def run(ci, *arguments, **more):
        env = {
            **os.environ,
            "CI": ci,
            "KRD_STORE": "x",
            "KRD_PROMETHEUS": "/x",
            "PYTHONPATH": str(root),
            **more,
        }
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-c",
            os.devnull,
            "--rootdir",
            str(tmp_path),
            "-p",
            "no:cacheprovider",
            "-ra",
            *arguments,
        ]
        told = subprocess.run(
            command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False
        )
        return told.returncode, told.stdout

    return run


def test_a_skip_fails_in_ci_and_is_printed_elsewhere(run_sample):
    in_ci, at_home = run_sample("true"), run_sample("")

    assert in_ci[0] == 1
    assert "was skipped in CI, where nothing may be: Skipped: no tool" in in_ci[1]
    assert "1 failed, 1 passed, 1 xfailed" in in_ci[1]
    assert at_home[0] == 0
    assert "SKIPPED [1]" in at_home[1]
    assert "1 passed, 1 skipped, 1 xfailed" in at_home[1]


def test_a_file_that_skips_itself_fails_in_ci_too(run_sample, tmp_path):
    (tmp_path / "test_whole.py").write_text("import pytest\npytest.importorskip('no_such_module')\n")
    code, told = run_sample("1")

    assert code == 2
    assert "test_whole.py was skipped in CI" in told


@pytest.mark.parametrize("arguments", [("-n", "0"), ("-n", "2", "--dist", "loadfile")])
def test_promises_that_do_not_apply_are_printed_once_by_workers_too(arguments, run_sample, tmp_path):
    for name in ("Here", "There"):
        folder = tmp_path / name.lower()
        folder.mkdir()
        (folder / f"test_{name.lower()}.py").write_text(KIND.format(name=name))
    code, told = run_sample("", *arguments)
    lines = told.splitlines()

    assert code == 0, told
    assert sum("promises that do not apply" in line for line in lines) == 1
    assert [line for line in lines if "it answers numbers only" in line] == [
        "TestHere, text: it answers numbers only",
        "TestThere, text: it answers numbers only",
    ]


@pytest.mark.parametrize(("workers", "order"), [("0", "a1 a2 b1 b2"), ("1", "a1 b1 a2 b2")])
def test_workers_go_through_all_folders_at_once(workers, order, run_sample, tmp_path):
    for name in ("a1", "a2", "b1", "b2"):
        file = tmp_path / name[0] / f"test_{name}.py"
        file.parent.mkdir(exist_ok=True)
        file.write_text("def test_turn(): pass\n")
    _, told = run_sample("", "-n", workers, "-v", "-k", "test_turn")

    assert " ".join(dict.fromkeys(re.findall(r"/test_(..)\.py::", told))) == order, told


def test_a_kind_that_stages_nothing_is_told_what_to_write(run_sample, tmp_path):
    (tmp_path / "test_bare.py").write_text(BARE)
    code, told = run_sample("", "-k", "test_it or test_scene or test_nowhere")

    assert code == 1
    assert "TestBare has no method `make`: write it\n" in told
    assert (
        "TestBare has no method `make_unauthorised`: write it, or give a reason for 'unauthorised' in `not_applicable`"
        in told
    )
    assert "TestBare has no method `make_unreachable`" in told
    assert "TestWeb has no method `make_at`: write it\n" in told
    assert "4 failed" in told


@pytest.mark.parametrize(
    ("arguments", "shared_out"),
    [
        ([], True),
        (["-q", "-k", "gap"], True),
        (["-n", "3"], False),
        (["--pdb"], False),
        (["pyproject.toml"], False),
    ],
)
def test_files_are_shared_out_unless_the_caller_named_some(arguments, shared_out, root, monkeypatch):
    monkeypatch.chdir(root)
    spec = importlib.util.spec_from_file_location("runner", root / "tests/__main__.py")
    runner = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(runner)

    assert (runner.parallel(arguments) != []) is shared_out


def test_ports_are_never_named_twice(new_port):
    ports = [new_port() for _ in range(50)]

    assert len(set(ports)) == 50
