"""The page as a reader gets it: off track first, signs and words, and no text of strangers that acts."""

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from collector.domain.health import Health
from collector.domain.outage import SourceStanding
from collector.domain.status import Status

VOID = {"meta", "link", "br", "rect", "line"}


class Outline(HTMLParser):
    """Collects tags, attributes and visible text, and complains about tags that do not match."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.words, self._open = [], [], [], []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", "".join(self.words))


@pytest.fixture
def look(ask):
    return lambda path="/": Outline(ask(path).text)


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
def test_hostile_text_stays_text(board, look, key_result, verdict, text):
    tame = look()
    odd = key_result(
        title=text, owner=text, address=f"checkout/{text}", unit=text, objective=f"checkout/{text}"
    )
    judged = replace(verdict(odd), sentence=text, trouble=text, reasons=(text,))
    board.judged = [(odd, judged), (replace(odd, binding=None, not_run=text), None)]
    board.standings = {text: SourceStanding(failures=3, down=True, detail=text)}
    board.reasons = [text]
    page = look()

    assert set(page.tags) - set(tame.tags) <= {"section", "li", "ul", "h2", "span"}
    assert not any(name.startswith("on") for name, _ in page.attributes)
    assert "49" not in page.text
    assert not set("\x00\x1b\x85\u202e\u200b\ufeff") & set(page.text)


def test_a_very_long_title_is_cut(board, look, key_result):
    board.judged = [(key_result(title="L" * 1_000_000), None)]

    assert len(look().text) < 20_000
