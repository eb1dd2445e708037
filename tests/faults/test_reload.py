"""A real `krd run` follows its files: on SIGHUP, by itself after an atomic rename or a swapped link, and never into mistakes."""

import json
import signal

import pytest


@pytest.fixture
def lab(krd, source, receiver):
    """A lab with two key results; give `write(count)` that puts new files beside the old ones and renames them."""
    source.mode = "ok"
    krd.lab(source, receiver, count=2)

    def write(count):
        path = krd.root / "okrs" / "shop.yaml"
        old = path.read_text()
        krd.lab(source, receiver, count=count)
        new = path.read_text()
        path.write_text(old)
        (krd.root / "okrs" / "shop.new").write_text(new)
        (krd.root / "okrs" / "shop.new").replace(path)

    return write


def shown(krd):
    found = krd.get("/api/v1/status")
    return [one["address"] for one in json.loads(found[1])] if found else []


def events(krd, name):
    lines = [json.loads(line) for line in krd.log.read_text().splitlines() if line.startswith("{")]
    return [one for one in lines if one["event"] == name]


def metric(krd, name):
    lines = [line for line in krd.get("/metrics")[1].splitlines() if line.startswith(name + " ")]
    return float(lines[0].split()[1]) if lines else None


@pytest.mark.timeout(90)
def test_sighup_reads_the_files_again_and_the_page_and_the_counters_follow(krd, lab, eventually):
    first = krd.start()
    eventually(lambda: len(krd.rows("SELECT slot FROM samples")) > 20)
    readings, started = metric(krd, "krd_readings_total"), metric(krd, "krd_started_timestamp_seconds")
    lab(3)

    first.send_signal(signal.SIGHUP)

    eventually(lambda: len(shown(krd)) == 3)
    eventually(lambda: krd.rows("SELECT count(DISTINCT series) FROM samples") == [(3,)])
    assert metric(krd, "krd_readings_total") > readings
    assert metric(krd, "krd_started_timestamp_seconds") == started
    assert metric(krd, "krd_config_last_reload_successful") == 1
    assert first.poll() is None
    eventually(lambda: krd.rows("SELECT actor, action FROM audit") == [("krd", "reload")])
    assert krd.kill(signal.SIGTERM) == 0
    assert len(events(krd, "config_reloaded")) == 1
    assert "Traceback" not in krd.log.read_text()


@pytest.mark.timeout(90)
def test_a_file_renamed_into_place_is_followed_without_a_signal(krd, lab, eventually):
    krd.start()
    eventually(lambda: krd.rows("SELECT slot FROM samples"))
    lab(4)
    eventually(lambda: len(shown(krd)) == 4)
    assert krd.kill(signal.SIGTERM) == 0


@pytest.mark.timeout(90)
def test_a_folder_swapped_by_a_link_is_followed(krd, lab, source, receiver, eventually):
    """As Kubernetes mounts a ConfigMap: files are links into `..data`, which is a link that is renamed."""
    versions = krd.root / "mount"
    for name, count in (("..1", 2), ("..2", 3)):
        krd.lab(source, receiver, count=count)
        (versions / name / "okrs").mkdir(parents=True)
        for file in ("krd.yaml", "okrs/shop.yaml"):
            (krd.root / file).rename(versions / name / file)
    (versions / "..data").symlink_to("..1")
    for name in ("krd.yaml", "okrs"):
        (versions / name).symlink_to(f"..data/{name}")
    krd.environment["KRD_CONFIG"] = str(versions)
    krd.start()
    eventually(lambda: len(shown(krd)) == 2)
    (versions / "..new").symlink_to("..2")
    (versions / "..new").replace(versions / "..data")
    eventually(lambda: len(shown(krd)) == 3)
    assert krd.kill(signal.SIGTERM) == 0


@pytest.mark.timeout(90)
def test_mistakes_are_told_once_and_change_nothing_until_they_are_mended(krd, lab, receiver, eventually):
    process = krd.start()
    eventually(lambda: krd.rows("SELECT slot FROM samples"))
    path = krd.root / "krd.yaml"
    good = path.read_text()
    path.write_text(good + "nonsense: 1\n")
    eventually(lambda: events(krd, "config_rejected"))
    assert metric(krd, "krd_config_last_reload_successful") == 0
    read = metric(krd, "krd_readings_total")
    eventually(lambda: metric(krd, "krd_readings_total") > read)
    (event,) = events(krd, "config_rejected")
    assert event["first"].startswith("krd.yaml:")
    eventually(lambda: [data for _, data in receiver.letters if data["kind"] == "config_rejected"])
    process.send_signal(signal.SIGHUP)
    eventually(lambda: len(events(krd, "config_rejected")) == 2)
    path.write_text(good)

    eventually(lambda: metric(krd, "krd_config_last_reload_successful") == 1)
    eventually(lambda: len([data for _, data in receiver.letters if data["kind"] == "config_rejected"]) == 2)
    letters = [data["occasion"] for _, data in receiver.letters if data["kind"] == "config_rejected"]
    assert letters == ["first", "resolved"]
    assert process.poll() is None
    assert krd.kill(signal.SIGTERM) == 0
