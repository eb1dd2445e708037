"""The first start sets up, the second does nothing, and what stands in the way is said in one sentence."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from collector import bootstrap
from collector.setup import environment, tool
from collector.setup.checkout import STAMP, Checkout
from collector.setup.requirement import satisfied

FAILING = "#!/bin/sh\necho 'error: the lock is from the future' >&2\nexit 2\n"


def test_the_first_start_runs_again_inside_the_environment_it_made(small):
    code, output, said = small.start()

    assert (code, output) == (0, str(small.root / ".venv")), said
    assert small.uv_calls == ["sync --quiet --frozen --inexact --compile-bytecode --no-default-groups"]
    assert [line.split("] ")[1] for line in said.splitlines()] == [
        "installing locked dependencies into .venv",
        "ready",
    ]


def test_the_second_start_calls_no_uv_and_says_nothing(small):
    small.start()
    code, output, said = small.start()

    assert (code, output, said) == (0, str(small.root / ".venv"), "")
    assert len(small.uv_calls) == 1


def test_a_new_group_is_added_to_what_is_there(small):
    small.start("test")
    small.start()
    small.start("dev")
    small.start("test")

    assert [call.split("groups")[1].strip() for call in small.uv_calls] == [
        "--group test",
        "--group dev --group test",
    ]


def test_a_changed_lock_is_installed(small):
    small.start()
    (small.root / "uv.lock").write_text((small.root / "uv.lock").read_text() + "# newer\n")
    small.start()

    assert len(small.uv_calls) == 2


def test_an_installation_cut_short_is_done_again(small):
    whole = small.uv.read_text()
    small.set_uv(whole + "kill -9 $PPID\n")
    cut = small.start()
    small.set_uv(whole)
    code, output, _ = small.start()

    assert cut[0] == -9
    assert (code, output, len(small.uv_calls)) == (0, str(small.root / ".venv"), 2)


def test_two_starts_at_once_install_once(small):
    small.set_uv(small.uv.read_text() + "sleep 1\n")
    started = [small.begin(), small.begin()]
    said = [process.communicate(timeout=60)[1] for process in started]

    assert [process.returncode for process in started] == [0, 0], said
    assert len(small.uv_calls) == 1
    assert "waiting for another setup" in "".join(said)


def test_an_environment_copied_along_with_the_checkout_is_made_anew(small, tmp_path):
    small.start()
    (small.root / ".venv/left-behind").touch()
    shutil.move(small.root, tmp_path / "elsewhere")
    small.root = tmp_path / "elsewhere"
    code, output, _ = small.start()

    assert (code, output) == (0, str(tmp_path / "elsewhere/.venv"))
    assert not (small.root / ".venv/left-behind").exists()


def test_plain_pip_installs_the_locked_version_where_uv_fails(small):
    small.set_uv(FAILING)
    own = small.root / ".tools/uv/bin/uv"
    own.parent.mkdir(parents=True)
    shutil.copy2(small.uv, own)
    code, _, said = small.start()
    again = small.start()
    [site] = small.root.glob(".tools/site-*")

    assert code == 0, said
    assert "uv failed: error: the lock is from the future" in said
    assert (site / "tenacity-9.1.2.dist-info").is_dir()
    assert (site / "krd-0.1.0.dist-info/METADATA").is_file()
    assert (again[0], again[2]) == (0, "")


def test_an_environment_that_does_not_take_is_an_error_not_a_loop(small):
    small.set_uv("#!/bin/sh\nmkdir -p .venv/bin\nln -sf $UV_PYTHON .venv/bin/python\n")
    code, _, said = small.start()

    assert code == 1
    assert (
        f"refused: {small.root}/.venv/bin/python did not start inside {small.root}/.venv: delete that folder"
        in said
    )


def test_a_python_without_pip_is_told_what_to_install(small, monkeypatch, tmp_path):
    python = tmp_path / "python-without-pip"
    python.write_text(f"#!/bin/sh\necho '{python}: No module named pip' >&2\nexit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr(tool.sys, "_base_executable", str(python))
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(
        bootstrap.SetupFailed, match=r"has no pip: install it .*apt-get install python3-pip.*and run again$"
    ):
        environment.install(Checkout(small.root), ())


def test_an_index_out_of_reach_is_told_with_the_way_out(small, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(environment, "pip_install", _no_network)

    with pytest.raises(
        bootstrap.SetupFailed, match=r"not installed, pip failed: .*check the network, .* PIP_INDEX_URL"
    ):
        environment.install(Checkout(small.root), ())


def _no_network(target, *arguments):
    raise tool.PipFailed("pip failed: ERROR: no route to host")


def test_a_checkout_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").touch()

    with (
        pytest.raises(bootstrap.SetupFailed, match=r"cannot be written .* copy the checkout .*pip install"),
        tool.only_one(tmp_path / "file/.tools"),
    ):
        pass


def test_an_old_python_is_told_which_to_take():
    assert (
        bootstrap._too_old((3, 9))
        == "krd needs Python 3.11 or newer and this is 3.9: start it with a newer one, such as python3.11"
    )
    assert bootstrap._too_old((3, 11)) is None


def test_an_installed_krd_sets_nothing_up(tmp_path):
    assert bootstrap.ensure(("test",), Checkout(tmp_path)) is None


def test_an_environment_that_fits_is_left_alone(small, monkeypatch):
    monkeypatch.setattr(bootstrap, "_restart", lambda place: pytest.fail("restarted"))

    assert bootstrap.ensure((), Checkout(small.root)) is None
    assert not (small.root / ".venv").exists()


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        ("pytest", True),
        ("pytest>=8", True),
        ("psycopg[binary]>=3.2", True),
        ("SQLAlchemy>=2.1,<2.2", True),
        ("pytest>=8.0 ; python_version > '3'", True),
        ("pytest>=999", False),
        ("pytest<8", False),
        ("pytest~=8.0", False),
        ("no-such-distribution", False),
    ],
)
def test_a_requirement_is_met_only_by_a_version_within_bounds(requirement, expected):
    assert satisfied(requirement) is expected


def test_uv_learns_what_pip_was_told(monkeypatch, tmp_path):
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("VIRTUAL_ENV", "/somewhere/else")
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    monkeypatch.delenv("UV_CACHE_DIR", raising=False)
    monkeypatch.setenv("UV_SYSTEM_CERTS", "0")
    monkeypatch.setenv("HOME", str(tmp_path / "no-home"))
    env = environment.uv_environment(Checkout(tmp_path))

    assert env["UV_DEFAULT_INDEX"] == "http://127.0.0.1:9/simple"
    assert env["UV_CACHE_DIR"] == str(tmp_path / ".tools/uv-cache")
    assert (env["UV_SYSTEM_CERTS"], env["UV_PYTHON_DOWNLOADS"]) == ("0", "never")
    assert "VIRTUAL_ENV" not in env


def test_a_stamp_cut_short_is_no_stamp(tmp_path, small):
    small.start()
    stamp = small.root / ".venv" / STAMP
    stamp.write_text(stamp.read_text()[:-5])

    assert Checkout(small.root).finished(()) is None


@pytest.mark.timeout(500)
def test_a_bare_copy_sets_itself_up_for_real(copy: Path, run_bare):
    probe = "from collector.bootstrap import ensure; ensure(); import sqlalchemy, sys; print(sys.prefix)"
    first = run_bare(copy, "-c", probe)
    (copy / ".tools/uv/bin/uv").write_text(FAILING)
    second = run_bare(copy, "-c", probe)
    compiled = [
        *copy.glob("collector/__pycache__/bootstrap*.pyc"),
        *copy.glob(".venv/lib/*/site-packages/sqlalchemy/__pycache__/*.pyc"),
    ]

    assert first.stdout.strip() == str(copy / ".venv"), first.stderr
    assert (second.stdout, second.stderr) == (first.stdout, "")
    assert compiled


def test_the_lock_is_free_again_once_the_work_ends(tmp_path):
    with tool.only_one(tmp_path):
        held = subprocess.run(
            ["flock", "--nonblock", str(tmp_path / "setup.lock"), "true"], check=False
        ).returncode
    freed = subprocess.run(
        ["flock", "--nonblock", str(tmp_path / "setup.lock"), "true"], check=False
    ).returncode

    assert (held, freed) == (1, 0)
