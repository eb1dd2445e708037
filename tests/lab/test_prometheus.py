import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from collector.lab.prometheus import LabPrometheus, PrometheusFailed

MEAN_MS = "1000 * sum(rate(shop_checkout_seconds_sum[4s])) / sum(rate(shop_checkout_seconds_count[4s]))"
P95_MS = "1000 * histogram_quantile(0.95, sum by (le) (rate(shop_checkout_seconds_bucket[4s])))"


def test_the_measured_latency_follows_the_wish(wish, robots, lab_prometheus, promql, wait_until):
    """Broken, then mended: each is seen within the window of the query and two scrapes."""
    for wished in (0.52, 0.03):
        wish.latency = wished
        wait_until(
            lambda ms=1000 * wished: promql(lab_prometheus.port, MEAN_MS) == [pytest.approx(ms, rel=0.15)]
        )
        assert 1.0 < promql(lab_prometheus.port, P95_MS)[0] / (1000 * wished) < 1.5


def test_a_cut_line_is_healed_from_what_prometheus_scraped_meanwhile(
    robots, lab_prometheus, relay_to, promql, wait_until
):
    relay = relay_to(lab_prometheus.port)
    lab_prometheus.wait_for_value(MEAN_MS)
    relay.cut()
    since = int(time.time()) + 1
    with pytest.raises(ConnectionRefusedError):
        promql(relay.port, MEAN_MS)
    time.sleep(5)
    relay.join()
    seen = promql(relay.port, MEAN_MS, start=since, end=since + 4, step=1)
    assert list(seen) == [since + n for n in range(5)]


def test_a_value_is_gone_seconds_after_its_last_scrape(shop, lab_prometheus, promql, wait_until):
    wait_until(lambda: promql(lab_prometheus.port, "up") == [1.0])
    shop.stop()
    wait_until(lambda: promql(lab_prometheus.port, "shop_checkout_seconds_count") == [])


def test_a_directory_that_exists_is_continued(prometheus_binary, tmp_path, shop, promql, wait_until):
    scrapes = 0
    for _ in range(2):
        prometheus = LabPrometheus(prometheus_binary, tmp_path / "prometheus", shop.port)
        prometheus.start()
        prometheus.wait_for_value(f"count_over_time(up[1m]) > {scrapes}")
        scrapes = promql(prometheus.port, "count_over_time(up[1m])")[0]
        prometheus.stop()
    assert scrapes >= 2


def test_a_stopped_prometheus_leaves_neither_process_nor_port(prometheus_binary, tmp_path, shop):
    prometheus = LabPrometheus(prometheus_binary, tmp_path / "prometheus", shop.port)
    prometheus.start()
    pid = prometheus.pid
    prometheus.stop()
    prometheus.stop()
    assert not Path(f"/proc/{pid}").exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", prometheus.port), timeout=1)


def test_prometheus_is_told_nothing_of_our_environment(lab_prometheus):
    assert Path(f"/proc/{lab_prometheus.pid}/environ").read_bytes() == b""


KRD = """
import sys, time
from pathlib import Path
from collector.lab.prometheus import LabPrometheus
prometheus = LabPrometheus(Path(sys.argv[1]), Path(sys.argv[2]), 9)
prometheus.start()
print(prometheus.pid, flush=True)
time.sleep(60)
"""


def test_prometheus_ends_when_krd_is_killed(prometheus_binary, tmp_path, wait_until):
    words = [sys.executable, "-c", KRD, str(prometheus_binary), str(tmp_path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as krd:
        process = Path("/proc") / krd.stdout.readline().strip()
        assert process.exists()
        krd.kill()
    wait_until(lambda: not process.exists() or not (process / "cmdline").read_bytes())  # a zombie has none


def test_a_binary_that_is_not_there_is_said(tmp_path):
    prometheus = LabPrometheus(tmp_path / "prometheus", tmp_path / "past", 9)
    with pytest.raises(PrometheusFailed, match="is not a program; name the path"):
        prometheus.start()
    prometheus.stop()


def test_a_binary_that_gives_up_is_said_with_its_last_words(tmp_path):
    broken = tmp_path / "prometheus"
    broken.write_text("#!/bin/sh\necho 'no space left on device'\nexit 3\n")
    broken.chmod(0o755)
    with pytest.raises(PrometheusFailed, match="ended before it was ready: no space left on device"):
        LabPrometheus(broken, tmp_path / "past", 9).start()


def test_a_directory_that_cannot_be_made_is_said(prometheus_binary, tmp_path):
    (tmp_path / "file").touch()
    prometheus = LabPrometheus(prometheus_binary, tmp_path / "file" / "past", 9)
    with pytest.raises(PrometheusFailed, match=r"Not a directory.*choose another directory"):
        prometheus.start()
    prometheus.stop()


def test_waiting_for_a_value_of_a_prometheus_that_died_ends_at_once(lab_prometheus):
    os.kill(lab_prometheus.pid, signal.SIGKILL)
    with pytest.raises(PrometheusFailed, match="ended before it was able to answer nothing_like_it"):
        lab_prometheus.wait_for_value("nothing_like_it")
