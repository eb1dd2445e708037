"""The page as a reader gets it: off track first, signs and words, and no text of strangers that acts."""

import re
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from collector.domain.budget import Budget
from collector.domain.calendar import BriefBefore, Calendar, CountedSync
from collector.domain.cycle import CalendarDays, Cycle
from collector.domain.health import Health
from collector.domain.observed import Guarded, Held
from collector.domain.okr import Edit
from collector.domain.outage import SourceStanding
from collector.domain.shape import Slo
from collector.domain.span import WEEK
from collector.domain.status import Status
from collector.errors import StoreError


@pytest.fixture
def add(board, key_result, verdict):
    """Put one more key result of checkout on the board."""

    def put(id_, objective="checkout/reliable-checkout", promise=(), **judged):
        one = key_result(
            address=f"checkout/{id_}", title=f"Title {id_}", objective=objective, **dict(promise)
        )
        board.judged.append((one, verdict(one, **judged)))

    return put


def test_a_key_result_shows_sign_word_title_owner_and_sentence(board, look):
    text = look().text

    assert "●on track" in text
    assert "Cut p95 checkout latency from 900 ms to 450 ms" in text
    assert "owner li" in text
    assert board.judged[0][1].sentence in text
    assert "from900 ms" in re.sub(r"\s+(?=\d)", "", text)
    assert "4 min old · data fresh" in text


def test_a_key_result_shows_its_wide_range_the_day_of_its_target_and_the_other_probability(look):
    text = re.sub(r"\s+", " ", look().text)

    assert "lands, 90 % 398 ms to 506 ms" in text.replace("90 %398", "90 % 398")
    assert re.search(r"there by ?28 Dec", text)
    assert re.search(r"P70 ?0\.97", text)


def test_a_draft_names_no_day_on_which_it_is_there(board, add, look):
    board.judged.clear()
    add("draft", status=Status.DRAFT)

    assert "there by" not in look().text


def test_off_track_comes_first_and_untrusted_before_on_track(board, add, look):
    board.judged.clear()
    add("fine")
    add("risky", status=Status.AT_RISK)
    add("stale", health=Health.STALE)
    add("lost", status=Status.OFF_TRACK)
    shown = re.findall(r"checkout/(fine|risky|stale|lost)", look().text)

    assert shown == ["lost", "stale", "risky", "fine"]


def test_objectives_keep_the_order_of_the_files_and_come_once(board, add, look):
    board.judged.clear()
    add("one", objective="checkout/b")
    add("two", objective="checkout/a")
    add("three", objective="checkout/b", status=Status.OFF_TRACK)
    text = look().text

    assert [text.count("checkout/a"), text.count("checkout/b")] == [1, 1]
    assert (
        text.index("checkout/b")
        < text.index("Title three", text.index("checkout/b"))
        < text.index("checkout/a")
    )


def test_what_is_off_track_is_named_and_linked_at_the_top(board, add, look):
    add("lost", status=Status.OFF_TRACK)
    page = look()

    assert ("href", "#2026-Q4%3Acheckout/lost") in page.attributes
    assert ("id", "2026-Q4:checkout/lost") in page.attributes


def test_stale_data_is_never_green(board, add, look):
    board.judged.clear()
    add("stale", health=Health.STALE, as_of=None)
    page = look()

    assert ("class", "key-result doubt") in page.attributes
    assert "◌was on track" in page.text
    assert "● " not in page.text
    assert ("class", "key-result on") not in page.attributes


def test_what_was_never_read_shows_no_number_and_no_bar(board, add, look, unknown):
    board.judged.clear()
    add("unread", **unknown)
    page = look()

    assert "◌not read yet" in page.text
    assert "no reading yet" in page.text
    assert "svg" not in page.tags


def test_what_is_not_measured_says_why(board, look, key_result):
    board.judged = [(key_result(binding=None, not_run="by hand comes later"), None)]
    page = look()

    assert "◌not measured" in page.text
    assert "by hand comes later" in page.text
    assert "svg" not in page.tags


def test_the_bar_shows_the_way_and_where_the_pace_expects_it(look):
    page = look()

    assert ("width", "71.1") in page.attributes
    assert ("x1", "66.3") in page.attributes
    assert ("aria-label", "71 % of the way, 66 % expected today") in page.attributes


@pytest.mark.parametrize(("progress", "width"), [(-0.4, "0.0"), (1.7, "100.0")])
def test_the_bar_stays_within_its_rail(board, add, look, progress, width):
    board.judged.clear()
    add("far", progress=progress)

    assert ("width", width) in look().attributes


def test_a_count_shows_what_is_used_of_what_is_allowed(board, add, look, count):
    board.judged.clear()
    add("sev1", promise={"shape": count, "unit": ""}, level=2.0, target=3.0, spent=0.667, progress=None)
    page = look()

    assert ("aria-label", "67 % used, 66 % of the time gone") in page.attributes
    assert re.search(r"so far ?2 .*at most ?3 ", page.text)


def test_sources_say_how_they_stand_and_since_when(board, look, at):
    board.standings = {
        "prod": SourceStanding(successes=2),
        "warehouse": SourceStanding(
            failures=3, down=True, since=at - timedelta(hours=2), detail="credentials refused: renew them"
        ),
        "tickets": SourceStanding(),
        "shaky": SourceStanding(failures=1, since=at - timedelta(seconds=9)),
        "tired": SourceStanding(successes=1, shut_until=at + timedelta(minutes=1)),
    }
    text = look().text

    assert "●up prod" in text
    assert "■down for 2 h warehouse credentials refused: renew them" in text
    assert "◌not asked yet tickets" in text
    assert "▲failing for 9 s shaky" in text
    assert "▲asked for peace, left alone tired" in text


def test_a_daemon_that_is_not_ready_says_so_on_the_page(board, look):
    board.reasons = ["nothing was kept for 72 s"]

    assert "krd is not ready: nothing was kept for 72 s" in look().text


def test_no_key_result_at_all_says_what_to_do(board, look):
    board.judged.clear()

    assert "The files name no key result yet." in look().text


def test_the_time_of_looking_is_told(look):
    assert "As of 2026-11-30 12:00:00 UTC" in look().text


def test_it_refreshes_by_itself_unless_asked_to_stand_still(look):
    assert ("http-equiv", "refresh") in look().attributes
    assert ("http-equiv", "refresh") not in look("/?still").attributes


def test_nothing_runs_and_nothing_comes_from_elsewhere(look):
    page = look()
    addresses = [value for name, value in page.attributes if name in ("href", "src", "action")]

    assert "script" not in page.tags
    assert "style" not in [*page.tags, *(name for name, _ in page.attributes)]
    assert [address for address in addresses if not address.startswith(("/", "#"))] == []


def test_a_guardrail_shows_value_bound_and_sign(board, look, key_result, verdict, guarded):
    promise = key_result(guardrails=(guarded,))
    said = Guarded("refunds", "refunds stay low", 3.1, Health.FRESH, breached=True)
    board.judged = [(promise, verdict(promise, status=Status.AT_RISK, guardrails=(said,)))]

    assert "■guardrail refunds stay low: 3.1 %, at most 2: broken" in look().text


def test_a_guardrail_that_nobody_measures_is_hollow(board, look, key_result, verdict, guarded):
    promise = key_result(guardrails=(guarded,))
    said = Guarded("refunds", "refunds stay low", 1.0, Health.STALE, breached=False)
    board.judged = [(promise, verdict(promise, guardrails=(said,)))]

    assert "◌guardrail refunds stay low: 1 %, at most 2 (data stale)" in look().text


def test_held_readings_say_how_to_release_them(board, look, key_result, verdict, at):
    promise = key_result()
    reasons = ("2 readings held: 90,000 at 30 Nov 13:00, a jump by x100",)
    held = Held(2, 9e4, at, "a jump by x100")
    board.judged = [(promise, verdict(promise, held=held, reasons=reasons))]
    text = look().text

    assert "2 readings held: 90,000" in text
    assert "krd annotate checkout/p95-latency --release" in text


def test_what_a_person_enters_is_marked_by_sign_and_words(board, look, key_result, verdict, by_hand):
    promise = key_result(binding=by_hand)
    board.judged = [(promise, verdict(promise, by_hand=True))]

    assert "✎ by hand" in look().text


def test_both_scores_are_shown_when_the_promise_changed(board, look, key_result, verdict):
    promise = key_result()
    board.judged = [(promise, verdict(promise, score=0.62, first_score=0.41))]

    assert "0.62, by the first promise 0.41" in look().text


def test_edits_show_their_reason_or_that_there_is_none(board, look, key_result, verdict):
    promise = key_result(changes=(Edit(date(2026, 11, 12), "the market moved"),))
    board.judged = [(promise, verdict(promise))]
    board.edited = {promise.key: "measure"}
    text = look().text

    assert "changed on 2026-11-12: the market moved" in text
    assert "its measure changed without a reason" in text


def test_what_was_removed_without_a_reason_is_hollow_and_never_green(board, look, gone):
    board.judged, board.gone = [], [gone]
    page = look()

    assert "Removed without a reason" in page.text
    assert "◌removed" in page.text
    assert "the last verdict: on track. Day 60 of 92, all well." in page.text
    assert "1 not to be trusted" in page.text
    assert ("class", "key-result on") not in page.attributes


def test_a_store_that_cannot_be_read_costs_nobody_the_page(board, look):
    board.trouble = StoreError("the database is locked")
    text = look().text

    assert "Cut p95 checkout latency" in text
    assert "what was removed from the files cannot be told: the database is locked" in text


def test_the_level_of_a_budget_is_a_share_with_all_its_nines(board, look, key_result, verdict):
    promise = key_result(shape=Slo(99.95), unit="")
    budget = Budget(41.0, 100.0)
    board.judged = [(promise, verdict(promise, level=99.97, spent=0.41, progress=None, budget=budget))]

    assert re.search(r"good ?99.97 % .*promised ?99.95 % .*bad ?41 of 100 events", look().text)


def test_a_draft_shows_no_way_that_nobody_has_begun(board, look, key_result, verdict):
    promise = key_result()
    board.judged = [(promise, verdict(promise, status=Status.DRAFT))]

    assert "svg" not in look().tags


def test_the_active_cycle_stands_before_drafts_and_closed_ones(board, look, key_result, verdict):
    def within(first, id_):
        cycle = Cycle(id_, CalendarDays(ZoneInfo("Europe/Berlin"), first), 92)
        promise = key_result(cycle=cycle, calendar=Calendar(cycle, CountedSync(WEEK), BriefBefore(WEEK)))
        return promise, verdict(promise)

    before, after = within(date(2026, 7, 1), "2026-Q3"), within(date(2027, 1, 1), "2027-Q1")
    board.judged = [after, before, *board.judged]
    text = look().text

    assert re.findall(r"20\d\d-Q\d (?=\d)", text) == ["2026-Q4 ", "2027-Q1 ", "2026-Q3 "]


HOSTILE = {
    "markup": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "attribute": '" onmouseover="alert(1)" x="',
    "quote": "' onfocus='alert(1)",
    "template": "{{ 7*7 }}{% raw %}",
    "closing": "</li></ol></main><!--",
    "right-to-left": "invoice\u202egpj.exe",
    "controls": "a\x00b\x1b[31mc\x85d",
    "invisible": "pay\u200bpal\ufeff",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_stays_text(board, look, key_result, verdict, gone, text):
    tame = look()
    odd = key_result(
        title=text, owner=text, address=f"checkout/{text}", unit=text, objective=f"checkout/{text}"
    )
    said = (Guarded(text, text, 1.0, Health.FRESH, breached=True),)
    odd = replace(odd, changes=(Edit(date(2026, 11, 12), text),))
    judged = replace(verdict(odd), sentence=text, trouble=text, reasons=(text,), guardrails=said)
    board.edited = {odd.key: text}
    board.gone = [replace(gone, key=text, title=text, evaluation=judged)]
    board.judged = [(odd, judged), (replace(odd, binding=None, not_run=text), None)]
    board.standings = {text: SourceStanding(failures=3, down=True, detail=text)}
    board.reasons = [text]
    page = look()

    assert set(page.tags) - set(tame.tags) <= {"section", "li", "ul", "h2", "span", "code"}
    assert not any(name.startswith("on") for name, _ in page.attributes)
    assert "49" not in page.text
    assert not set("\x00\x1b\x85\u202e\u200b\ufeff") & set(page.text)


def test_a_very_long_title_is_cut(board, look, key_result):
    board.judged = [(key_result(title="L" * 1_000_000), None)]

    assert len(look().text) < 20_000
