from collections import Counter

import pytest

from collector.lab.clerk import ERRORS_A_TICKET, Clerk, Robot, Support, priority_of
from collector.lab.desk import TicketRefused
from collector.lab.tracker import Tracker


def check_out(get, shop, times):
    for _ in range(times):
        get(shop.port, "/checkout")


@pytest.fixture
def clerk(shop, wish, desk):
    wish.latency = 0.001
    return Clerk(shop.port, desk)


@pytest.mark.parametrize(
    ("checkouts", "errors", "priority"),
    [(250, 5, "critical"), (251, 5, "urgent"), (1000, 5, "urgent"), (1001, 5, "bug"), (0, 5, "critical")],
)
def test_the_share_of_errors_makes_the_priority(checkouts, errors, priority):
    assert priority_of(checkouts, errors) == priority


def test_a_shop_without_errors_opens_no_ticket(clerk, desk, get, shop):
    check_out(get, shop, 5)
    clerk.look()
    assert desk.tickets() == []


def test_every_so_many_errors_open_a_ticket(clerk, desk, get, shop, wish):
    wish.failing = 1.0
    check_out(get, shop, 2 * ERRORS_A_TICKET + 1)
    clerk.look()
    assert [ticket.id for ticket in desk.tickets()] == clerk.opened
    assert len(clerk.opened) == 2


def test_errors_left_over_count_for_the_next_ticket(clerk, get, shop, wish):
    wish.failing = 1.0
    tickets = []
    for _ in range(5):
        check_out(get, shop, 3)
        clerk.look()
        tickets.append(len(clerk.opened))
    assert tickets == [0, 1, 1, 2, 3]


def test_few_errors_among_many_checkouts_are_no_critical_ticket(clerk, desk, get, shop, wish):
    check_out(get, shop, 300)
    wish.failing = 1.0
    check_out(get, shop, ERRORS_A_TICKET)
    clerk.look()
    assert [ticket.priority for ticket in desk.tickets()] == ["urgent"]


def test_a_ticket_the_tracker_did_not_take_is_opened_later(clerk, tracker, get, shop, wish, tmp_path):
    wish.failing = 1.0
    check_out(get, shop, ERRORS_A_TICKET)
    tracker.stop()
    with pytest.raises(TicketRefused):
        clerk.look()
    assert clerk.opened == []
    again = Tracker(tmp_path / "tracker", tmp_path / "secrets" / "tracker")
    again.start()
    again.wait()
    clerk._desk = again.desk()
    clerk.look()
    assert [ticket.id for ticket in again.desk().tickets()] == clerk.opened != []
    again.stop()


def test_robots_open_and_resolve_while_the_shop_fails(shop, robots, wish, desk, wait_until):
    """All together, as in the lab: a broken shop, visitors, the clerk and support."""
    wish.latency, wish.failing = 0.01, 0.5
    clerk, support = Clerk(shop.port, desk, every=0.1), Support(desk, every=0.2)
    clerk.start()
    support.start()
    wait_until(lambda: len(clerk.opened) >= 6 and len(support.resolved) >= 2)
    clerk.stop()
    support.stop()
    by_state = Counter(ticket.status for ticket in desk.tickets())
    assert len(clerk.opened) == clerk.seen.errors // ERRORS_A_TICKET
    assert by_state == Counter(
        resolved=len(support.resolved), unread=len(clerk.opened) - len(support.resolved)
    )  # where the support kept up, there is none unread


def test_support_with_nothing_to_do_does_nothing(desk):
    support = Support(desk)
    support.work()
    assert support.resolved == []


def test_a_robot_outlives_what_is_away(wait_until):
    def away():
        raise ConnectionRefusedError

    robot = Robot("lab-test", 0.01, away)
    robot.start()
    wait_until(lambda: robot.missed >= 3)
    robot.stop()


def test_a_robot_never_sent_off_comes_back(clerk):
    clerk.stop()
    assert clerk.opened == []
