"""On a full disk krd keeps running and says so once; with room again it goes on by itself, and nothing kept is lost."""

import itertools
import json
import resource
import signal

import pytest


@pytest.mark.timeout(120)
def test_a_full_disk_is_survived_said_once_and_forgotten_when_there_is_room(
    krd, source, receiver, eventually
):
    """A slot that krd was too late for on a busy machine is a gap with a reason; any other hole would be a reading lost.

    The limit on the size of a file stands in for the disk: every write past it fails the way a full one does."""
    source.mode = "ok"
    krd.lab(source, receiver, count=5)

    krd.start()
    eventually(lambda: krd.rows("SELECT 1 FROM currents"))
    eventually(lambda: not krd.rows("SELECT 1 FROM currents WHERE heal_since IS NOT NULL OR value IS NULL"))
    assert eventually(lambda: krd.get("/readyz"))[0] == 200
    wal = krd.root / "krd.db-wal"
    limit = (krd.root / "krd.db").stat().st_size if not wal.exists() else max(wal.stat().st_size, 4096)
    resource.prlimit(krd.process.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    status, text = eventually(lambda: (found := krd.get("/readyz")) and found[0] == 503 and found)
    assert status == 503
    assert "store" in text
    before = set(krd.rows("SELECT slot, series, value FROM samples"))
    eventually(lambda: krd.process.poll() is None)
    assert krd.get("/healthz")[0] == 200
    assert krd.get("/")[0] == 200, "what is known can still be looked at"
    assert "krd_store_writable 0" in krd.get("/metrics")[1]
    resource.prlimit(krd.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    eventually(lambda: krd.get("/readyz")[0] == 200)
    eventually(lambda: len(krd.rows("SELECT slot FROM samples")) > len(before) + 10)
    assert before <= set(krd.rows("SELECT slot, series, value FROM samples"))
    eventually(lambda: not krd.rows("SELECT 1 FROM currents WHERE heal_since IS NOT NULL"))
    assert krd.kill(signal.SIGTERM) == 0
    events = [json.loads(line)["event"] for line in krd.log.read_text().splitlines() if line.startswith("{")]
    assert events.count("store_refuses") == 1
    assert events.count("store_accepts_again") == 1
    assert events.count("outbox_unavailable") <= 1
    for (series,) in krd.rows("SELECT id FROM series"):
        slots = [
            slot for (slot,) in krd.rows("SELECT slot FROM samples WHERE series = ? ORDER BY slot", series)
        ]
        assert len(slots) > 150
        holes = [slot for slot, following in itertools.pairwise(slots) if following - slot != 1000]
        missed = {
            slot
            for (slot,) in krd.rows("SELECT slot FROM gaps WHERE series = ? AND reason = 'missed'", series)
        }
        assert [slot for slot in holes if slot + 1000 not in missed] == [], (
            "what was read was not thrown away"
        )
