"""Real servers are at hand: found, fetched without root, or asked for in one sentence; and Prometheus knows a given past."""

from __future__ import annotations

import json
import shutil
import urllib.parse
import urllib.request

import pytest

from collector import provision
from collector.setup import tool
from collector.setup.checkout import Checkout

PAST = """
# TYPE tickets gauge
tickets{team="checkout"} 9 1700000000
tickets{team="checkout"} 7 1702592000
"""


def ask(server, query, at):
    question = urllib.parse.urlencode({"query": query, "time": at})
    with urllib.request.urlopen(f"{server.url}/api/v1/query?{question}", timeout=5) as answer:
        return [float(series["value"][1]) for series in json.load(answer)["data"]["result"]]


@pytest.mark.parametrize(("at", "expected"), [(1700000000, [9.0]), (1702592060, [7.0]), (1701000000, [])])
def test_a_prometheus_with_a_past_answers_as_of_then(prometheus_with, at, expected):
    server = prometheus_with(PAST)

    assert ask(server, "tickets", at) == expected


def test_a_stopped_prometheus_starts_again_where_it_was(prometheus, free_port):
    first = prometheus("", port=free_port)
    first.stop()
    second = prometheus("", folder=first.folder, port=free_port)

    assert first.process.returncode == 0
    assert second.url == f"http://127.0.0.1:{free_port}"
    assert ask(second, "vector(1)", 1700000000) == [1.0]


SERVERS = pytest.mark.parametrize(
    ("find", "variable", "package", "folder"),
    [
        (provision.prometheus, "KRD_PROMETHEUS", "prometheus", "prometheus"),
        (provision.alertmanager, "KRD_ALERTMANAGER", "prometheus-alertmanager", "alertmanager"),
    ],
)


@SERVERS
def test_a_named_program_that_does_not_start_is_an_error(monkeypatch, find, variable, package, folder):
    monkeypatch.setenv(variable, f"/nowhere/{package}")

    with pytest.raises(
        provision.SetupFailed,
        match=rf"{variable} names /nowhere/{package}, which does not start: correct it",
    ):
        find()


@SERVERS
def test_a_named_program_is_taken_before_all_others(monkeypatch, tmp_path, find, variable, package, folder):
    program = tmp_path / "mine"
    program.write_text("#!/bin/sh\necho version 1\n")
    program.chmod(0o755)
    monkeypatch.setenv(variable, str(program))
    monkeypatch.setenv("PATH", "/nowhere")

    assert find() == program


def test_an_alertmanager_is_found_under_the_name_its_makers_give_it(monkeypatch, tmp_path):
    monkeypatch.delenv("KRD_ALERTMANAGER", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("alertmanager", "amtool"):
        (tmp_path / name).write_text("#!/bin/sh\necho version 0.28\n")
        (tmp_path / name).chmod(0o755)

    assert provision.alertmanager() == tmp_path / "alertmanager"
    assert provision.amtool() == tmp_path / "amtool"


@SERVERS
def test_without_apt_the_way_out_is_told(monkeypatch, tmp_path, find, variable, package, folder):
    monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(provision, "tools_folder", lambda: tmp_path / "tools")

    with pytest.raises(
        provision.SetupFailed,
        match=rf"no apt-get to fetch one: install the package {package}, or name the program in {variable}",
    ):
        find()
    assert not (tmp_path / "tools" / folder).exists()


def test_a_missing_companion_is_told_with_the_way_out(monkeypatch, tmp_path):
    program = tmp_path / "alertmanager"
    program.write_text("#!/bin/sh\necho version 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("KRD_ALERTMANAGER", str(program))
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(provision.SetupFailed, match=rf"no amtool beside {program}, nor on the PATH: install"):
        provision.amtool()


APT = """#!/bin/sh
echo "$@" >> {noted}
case "$*" in
  *Dir::State=*download*) {touch} {package}_2.42_amd64.deb ;;
  *update) exit 100 ;;
  *) echo 'E: Unable to locate package {package}' >&2; exit 100 ;;
esac
"""
DPKG = """#!/bin/sh
{mkdir} -p "$3/usr/bin"
printf '#!/bin/sh\\necho version 2.42\\n' > "$3/usr/bin/{package}"
{chmod} +x "$3/usr/bin/{package}"
"""


@SERVERS
def test_where_the_package_lists_do_not_serve_apt_gets_lists_of_its_own(
    monkeypatch, tmp_path, find, variable, package, folder
):
    tools = {name: shutil.which(name) for name in ("touch", "mkdir", "chmod")}
    for name, script in (("apt-get", APT), ("dpkg-deb", DPKG)):
        (tmp_path / name).write_text(script.format(noted=tmp_path / "noted", package=package, **tools))
        (tmp_path / name).chmod(0o755)
    monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(provision, "tools_folder", lambda: tmp_path / "tools")
    found = find()
    calls = (tmp_path / "noted").read_text().splitlines()

    assert found == tmp_path / "tools" / folder / "usr/bin" / package
    assert [call.split()[-1] for call in calls] == [package, "update", package]
    assert all(f"Dir::State={tmp_path}/tools/apt/state" in call for call in calls[1:])
    assert not (tmp_path / "tools/apt").exists()


def test_a_program_finds_what_lies_under_a_path_built_into_it_wherever_it_is_unpacked(monkeypatch, tmp_path):
    resources = "/usr/share/prometheus/alertmanager"
    (tmp_path / "bin").mkdir()
    unpack = f"""#!/bin/sh
mkdir -p "$3/usr/bin" "$3{resources}"
echo 'a template' > "$3{resources}/default.tmpl"
printf '#!/bin/sh\\ncat {resources}/default.tmpl\\n' > "$3/usr/bin/prometheus-alertmanager"
chmod +x "$3/usr/bin/prometheus-alertmanager"
"""
    download = "#!/bin/sh\ntouch prometheus-alertmanager_1_all.deb\n"
    for name, script in (
        ("apt-get", download),
        ("dpkg-deb", unpack),
        ("prometheus-alertmanager", "#!/bin/sh\nexit 1\n"),
    ):
        (tmp_path / "bin" / name).write_text(script)
        (tmp_path / "bin" / name).chmod(0o755)
    monkeypatch.delenv("KRD_ALERTMANAGER", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    monkeypatch.setattr(provision, "tools_folder", lambda: tmp_path / "tools")
    (moved := tmp_path / "elsewhere").mkdir()
    shutil.move(provision.alertmanager().parents[2], moved / "alertmanager")
    program = moved / "alertmanager/usr/bin/prometheus-alertmanager"

    assert tool.run([program], cwd=tmp_path).stdout == "a template\n"


def test_an_installed_krd_keeps_programs_in_the_cache_of_the_user(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    assert provision.tools_folder(Checkout(tmp_path / "nothing")) == tmp_path / "krd"
    assert tool.last_words("") == "it said nothing"
