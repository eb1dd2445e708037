"""On a full disk krd keeps running and says so once; with room again it goes on by itself, and nothing kept is lost."""

import json
import resource
import signal

import pytest


@pytest.mark.timeout(120)
def test_a_full_disk_is_survived_said_once_and_forgotten_when_there_is_room(krd, source, receiver, eventually):
    """The limit on the size of a file stands in for the disk: every write past it fails the way a full one does."""
    source.mode = "ok"
    krd.lab(source, receiver, count=5)

    def ignore_the_signal():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    krd.start(preexec=ignore_the_signal)
    eventually(lambda: krd.rows("SELECT 1 FROM currents"))
    eventually(lambda: not krd.rows("SELECT 1 FROM currents WHERE heal_since IS NOT NULL OR value IS NULL"))
    assert 200 == eventually(lambda: krd.get("/readyz"))[0]
    wal = krd.root / "krd.db-wal"
    limit = (krd.root / "krd.db").stat().st_size if not wal.exists() else max(wal.stat().st_size, 4096)
    resource.prlimit(krd.process.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    status, text = eventually(lambda: (found := krd.get("/readyz")) and found[0] == 503 and found)
    assert 503 == status
    assert "store" in text
    before = set(krd.rows("SELECT slot, series, value FROM samples"))
    eventually(lambda: krd.process.poll() is None)
    assert 200 == krd.get("/healthz")[0]
    assert 200 == krd.get("/")[0], "what is known can still be looked at"
    assert "krd_store_writable 0" in krd.get("/metrics")[1]
    resource.prlimit(krd.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    eventually(lambda: krd.get("/readyz")[0] == 200)
    eventually(lambda: len(krd.rows("SELECT slot FROM samples")) > len(before) + 10)
    assert before <= set(krd.rows("SELECT slot, series, value FROM samples"))
    assert 0 == krd.kill(signal.SIGTERM)
    events = [json.loads(line)["event"] for line in krd.log.read_text().splitlines() if line.startswith("{")]
    assert 1 == events.count("store_refuses")
    assert 1 == events.count("store_accepts_again")
    for (series,) in krd.rows("SELECT id FROM series"):
        slots = [slot for (slot,) in krd.rows("SELECT slot FROM samples WHERE series = ? ORDER BY slot", series)]
        assert len(slots) > 150
        holes = [slot for slot, following in zip(slots, slots[1:], strict=False) if following - slot != 1000]
        assert [] == holes, "what was read on the full disk was not thrown away"
