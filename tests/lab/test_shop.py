import re
import socket
import threading
import time
from http.client import HTTPConnection

import pytest

from collector.lab.shop import Shop


def seconds_of_a_checkout(get, shop):
    begun = time.perf_counter()
    get(shop.port, "/checkout")
    return time.perf_counter() - begun


def test_a_checkout_really_takes_the_wished_time(shop, wish, get):
    wish.latency = 0.2
    assert seconds_of_a_checkout(get, shop) == pytest.approx(0.2, rel=0.5)


def test_a_new_wish_counts_from_the_next_checkout(shop, wish, get):
    wish.latency = 0.3
    slow = seconds_of_a_checkout(get, shop)
    wish.latency = 0.03
    assert seconds_of_a_checkout(get, shop) < slow / 3


def test_a_checkout_is_measured_once(shop, get):
    get(shop.port, "/checkout")
    _, _, metrics = get(shop.port, "/metrics")
    assert "shop_checkout_seconds_count 1.0" in metrics
    assert 'shop_checkouts_total{code="200"} 1.0' in metrics


def test_failures_are_a_series_before_the_first_one(shop, get):
    _, _, metrics = get(shop.port, "/metrics")
    assert 'shop_checkouts_total{code="500"} 0.0' in metrics


def test_a_failing_checkout_answers_500_and_is_counted(shop, wish, get):
    wish.failing = 1.0
    status, _, _ = get(shop.port, "/checkout")
    _, _, metrics = get(shop.port, "/metrics")
    assert status == 500
    assert 'shop_checkouts_total{code="500"} 1.0' in metrics


def test_a_new_visitor_gets_an_id_to_keep(shop, get):
    _, headers, _ = get(shop.port, "/visit")
    assert re.match(r"visitor=[0-9a-f]{32};", headers["Set-Cookie"])


def test_a_known_visitor_keeps_the_id(shop, get):
    known = "visitor=" + "a" * 32
    _, headers, _ = get(shop.port, "/visit", Cookie=known)
    assert headers["Set-Cookie"].startswith(known + ";")


def test_an_id_the_shop_did_not_give_is_replaced(shop, get):
    _, headers, _ = get(shop.port, "/visit", Cookie="visitor=<script>")
    assert re.match(r"visitor=[0-9a-f]{32};", headers["Set-Cookie"])


def test_looking_at_the_order_page_orders_nothing(shop, get):
    status, _, _ = get(shop.port, "/order")
    assert status == 404


def test_a_stopped_shop_refuses_and_leaves_no_idle_connection():
    shop = Shop(lambda: 0.01, lambda visitor, kind: None)
    shop.start()
    idle = HTTPConnection("127.0.0.1", shop.port, timeout=5)
    idle.request("GET", "/visit")
    idle.getresponse().read()
    shop.stop()
    assert idle.sock.recv(1) == b""
    idle.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", shop.port), timeout=1)


def test_a_client_that_leaves_in_the_middle_is_no_error(shop, wish, get, capsys):
    wish.latency = 0.2
    with socket.create_connection(("127.0.0.1", shop.port)) as hasty:
        hasty.sendall(b"GET /checkout HTTP/1.1\r\nHost: shop\r\n\r\n")
        hasty.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        time.sleep(0.05)
    time.sleep(0.4)
    assert get(shop.port, "/visit")[0] == 200
    assert capsys.readouterr().err == ""


def test_a_shop_never_started_stops():
    before = threading.active_count()
    Shop(lambda: 0.01, lambda visitor, kind: None).stop()
    assert before == threading.active_count()
