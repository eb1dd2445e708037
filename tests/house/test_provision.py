"""A real Prometheus is at hand: found, fetched without root, or asked for in one sentence; and it knows a given past."""

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


def test_a_named_program_that_does_not_start_is_an_error(monkeypatch):
    monkeypatch.setenv("KRD_PROMETHEUS", "/nowhere/prometheus")

    with pytest.raises(
        provision.SetupFailed,
        match=r"KRD_PROMETHEUS names /nowhere/prometheus, which does not start: correct it",
    ):
        provision.prometheus()


def test_a_named_program_is_taken_before_all_others(monkeypatch, prometheus_binary):
    monkeypatch.setenv("KRD_PROMETHEUS", str(prometheus_binary))
    monkeypatch.setenv("PATH", "/nowhere")

    assert provision.prometheus() == prometheus_binary


def test_without_apt_the_way_out_is_told(monkeypatch, tmp_path):
    monkeypatch.delenv("KRD_PROMETHEUS", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(provision, "tools_folder", lambda: tmp_path / "tools")

    with pytest.raises(
        provision.SetupFailed, match=r"no apt-get to fetch one: install the package prometheus, or name"
    ):
        provision.prometheus()
    assert not (tmp_path / "tools/prometheus").exists()


APT = """#!/bin/sh
echo "$@" >> {noted}
case "$*" in
  *Dir::State=*download*) {touch} prometheus_2.42_amd64.deb ;;
  *update) exit 100 ;;
  *) echo 'E: Unable to locate package prometheus' >&2; exit 100 ;;
esac
"""
DPKG = """#!/bin/sh
{mkdir} -p "$3/usr/bin"
printf '#!/bin/sh\\necho prometheus, version 2.42\\n' > "$3/usr/bin/prometheus"
{chmod} +x "$3/usr/bin/prometheus"
"""


def test_where_the_package_lists_do_not_serve_apt_gets_lists_of_its_own(monkeypatch, tmp_path):
    tools = {name: shutil.which(name) for name in ("touch", "mkdir", "chmod")}
    for name, script in (("apt-get", APT), ("dpkg-deb", DPKG)):
        (tmp_path / name).write_text(script.format(noted=tmp_path / "noted", **tools))
        (tmp_path / name).chmod(0o755)
    monkeypatch.delenv("KRD_PROMETHEUS", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(provision, "tools_folder", lambda: tmp_path / "tools")
    found = provision.prometheus()
    calls = (tmp_path / "noted").read_text().splitlines()

    assert found == tmp_path / "tools/prometheus/usr/bin/prometheus"
    assert [call.split()[-1] for call in calls] == ["prometheus", "update", "prometheus"]
    assert all(f"Dir::State={tmp_path}/tools/apt/state" in call for call in calls[1:])
    assert not (tmp_path / "tools/apt").exists()


def test_an_installed_krd_keeps_programs_in_the_cache_of_the_user(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    assert provision.tools_folder(Checkout(tmp_path / "nothing")) == tmp_path / "krd"
    assert tool.last_words("") == "it said nothing"
