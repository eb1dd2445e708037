"""A mail is well formed to the standard library's parser, threads by episode, and is the same on every send."""

import re
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from pydantic import ValidationError

from collector.domain.announcement import Occasion, Severity
from collector.notifiers.email import KIND, mailbox
from collector.notifiers.email_message import Addresses, write

GIVEN = {"host": "smtp.shop.example", "from": "krd <krd@shop.example>", "to": ["ops@shop.example"]}
LOGIN = {"username": "krd", "password": {"env": "KRD_TEST_PASSWORD"}}


@pytest.fixture
def addresses():
    return Addresses(
        mailbox("Zoë's krd <krd@shop.example>"),
        (mailbox("ops@shop.example"), mailbox("Li <li@shop.example>")),
    )


@pytest.fixture
def mailed(addresses, at):
    """Write a mail and read it as a stranger would: nothing in it may be a defect."""

    def mailing(announcement, at=at, addresses=addresses):
        octets = write(announcement, addresses, at)
        octets.decode("ascii")
        assert max(map(len, octets.split(b"\r\n"))) <= 998
        assert b"\n" not in octets.replace(b"\r\n", b"")
        mail = message_from_bytes(octets, policy=policy.default)
        for part in mail.walk():
            assert part.defects == []
            assert [(name, value.defects) for name, value in part.items() if value.defects] == []
        return mail

    return mailing


def parts(mail):
    """Give the plain text and the page."""
    text, page = mail.iter_parts()
    assert (text.get_content_type(), page.get_content_type()) == ("text/plain", "text/html")
    return text.get_content().replace("\r\n", "\n"), page.get_content()


def test_a_mail_says_who_what_and_when(mailed, announcement, at):
    mail = mailed(announcement)
    assert mail["from"].addresses[0].display_name == "Zoë's krd"
    assert [one.addr_spec for one in mail["to"].addresses] == ["ops@shop.example", "li@shop.example"]
    assert mail["subject"] == "[krd] checkout/p95-latency: drift"
    assert mail["date"].datetime == at
    assert mail["message-id"] == "<evt_0123456789abcdef@krd.shop.example>"
    assert mail["list-id"] == "<checkout.krd.shop.example>"


def test_no_machine_is_asked_to_answer(mailed, announcement):
    mail = mailed(announcement)
    assert mail["auto-submitted"] == "auto-generated"
    assert mail["x-auto-response-suppress"] == "All"


def test_text_and_page_tell_the_same_story(mailed, announcement):
    text, page = parts(mailed(announcement))
    assert text.splitlines()[0] == "! firing · Cut p95 checkout latency is off track"
    for words in (announcement.sentence, *announcement.lines, announcement.id):
        assert words in text
        assert words in page


def test_a_preview_tells_what_the_subject_keeps_still(mailed, announcement):
    over = mailed(replace(announcement, id="evt_9", occasion=Occasion.RESOLVED, title="p95 is back on track"))
    assert over["subject"] == mailed(announcement)["subject"]
    assert parts(over)[0].splitlines()[0] == "✓ resolved · p95 is back on track"


def test_a_second_send_differs_by_its_date_only(addresses, announcement, at):
    first = write(announcement, addresses, at)
    second = write(announcement, addresses, at + timedelta(hours=1))
    differing = [one for one in zip(first.splitlines(), second.splitlines(), strict=True) if one[0] != one[1]]
    assert differing == [(b"Date: Sun, 22 Nov 2026 10:00:00 +0000", b"Date: Sun, 22 Nov 2026 11:00:00 +0000")]


def test_an_episode_is_one_thread_whose_first_mail_may_be_lost(mailed, announcement):
    told = [
        mailed(
            replace(
                announcement,
                id=f"evt_{number}",
                occasion=occasion,
                severity=severity,
                title=f"title {number}",
            )
        )
        for number, (occasion, severity) in enumerate(
            [
                (Occasion.FIRST, Severity.TICKET),
                (Occasion.WORSE, Severity.PAGE),
                (Occasion.REPEAT, Severity.PAGE),
                (Occasion.RESOLVED, Severity.PAGE),
            ]
        )
    ]
    assert len({mail["message-id"] for mail in told}) == 4
    assert len({(mail["references"], mail["in-reply-to"], mail["subject"]) for mail in told}) == 1
    root = told[0]["references"]
    assert root == told[0]["in-reply-to"]
    assert root not in {mail["message-id"] for mail in told}
    assert re.fullmatch(r"<thread\.[0-9a-f]{32}@krd\.shop\.example>", root)


def test_another_episode_is_another_thread(mailed, announcement):
    another = replace(announcement, episode=announcement.episode + 1)
    assert mailed(another)["references"] != mailed(announcement)["references"]


def test_a_group_is_no_reply_to_anything(mailed, group):
    mail = mailed(group(3))
    assert mail["references"] is None
    assert mail["in-reply-to"] is None
    assert mail["subject"] == "[krd] checkout: 2 off track, 1 back"


def test_a_group_of_ten_thousand_is_shown_whole_by_gmail(addresses, mailed, group, at):
    together = group(10_000)
    text, page = parts(mailed(together))
    for shown in (text, page):
        listed = len(re.findall(r"Key result \d+ is off track", shown))
        assert listed > 50
        assert f"… and {10_000 - listed:,} more" in shown
    assert len(page.encode()) < 0.8 * 102_000
    assert len(write(together, addresses, at)) < 110_000


def test_too_much_of_everything_is_shown_whole_by_gmail(addresses, mailed, overfull, at):
    mailed(overfull)
    page = list(message_from_bytes(write(overfull, addresses, at)).walk())[-1]
    assert page.get_content_type() == "text/html"
    assert len(page.get_payload()) < 0.82 * 102_000  # as it travels, encoded


def test_a_brief_is_told_with_all_its_parts(mailed, brief):
    mail = mailed(brief)
    assert mail["subject"] == "[krd] checkout: 1 of 2 needs a decision"
    for shown in parts(mail):
        for section in brief.sections:
            assert section.heading in shown
            assert all(line in shown for line in section.lines)


def test_hostile_text_adds_no_field_and_no_part(mailed, announcement, hostile, acts):
    expected = mailed(announcement).keys()
    mail = mailed(hostile)
    assert mail.keys() == expected
    assert len(list(mail.walk())) == 3
    assert acts(str(mail["subject"]) + parts(mail)[0]) == []
    untold = mailed(replace(hostile, episode=0, fingerprint="", kind=hostile.title))
    assert acts(str(untold["subject"])) == []
    assert "\n" not in str(untold["subject"])


@pytest.mark.parametrize(
    "title",
    [
        "=?utf-8?q?=0D=0AX-Injected:_yes?=",
        "a =?utf-8?q?=0D=0A=0D=0Abody?= b",
        "plain words, many of them, so that the line is folded once at least and read as it was",
        "Zoë's " + "Zahl " * 25,
        "x" * 150,
        "a  =?  b",
    ],
)
def test_a_subject_is_read_as_it_was_written(mailed, announcement, title):
    mail = mailed(replace(announcement, episode=0, fingerprint="", title=title))
    assert mail["subject"] == f"[krd] {' '.join(title.split())}"
    assert "x-injected" not in mail


def test_a_field_of_one_long_word_is_written_whole(mailed, announcement):
    domain = ".".join(["department"] * 20) + ".example"
    mail = mailed(announcement, addresses=Addresses(mailbox(f"krd@{domain}"), (mailbox("ops@shop.example"),)))
    assert mail["message-id"] == f"<evt_0123456789abcdef@krd.{domain}>"
    assert mail["references"].endswith(f"@krd.{domain}>")
    assert mail["list-id"] == f"<checkout.krd.{domain}>"


def test_a_text_of_another_script_travels_in_its_shorter_form(addresses, announcement, at):
    cyrillic = replace(announcement, sentence="Цель под угрозой. " * 130, lines=("строка " * 50,) * 60)
    forms = [
        list(message_from_bytes(write(one, addresses, at)).walk())[1]["content-transfer-encoding"]
        for one in (announcement, cyrillic)
    ]
    assert forms == ["quoted-printable", "base64"]


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465), ("plain", 25)])
def test_a_port_follows_from_the_security(security, port):
    assert KIND.open(KIND.options(**GIVEN, security=security))._server.port == port
    assert KIND.open(KIND.options(**GIVEN, security=security, port=2525))._server.port == 2525


@pytest.mark.parametrize(
    "change",
    [
        {"to": []},
        {"to": ["ops"]},
        {"to": ["ops@shop.example, li@shop.example"]},
        {"to": ["Ops <ops@shop.example"]},
        {"to": ["ops@shop.example>"]},
        {"to": ["ops@shop.example\r\nBcc: all@shop.example"]},
        {"to": ["öps@shop.example"]},
        {"to": ["ops@bücher.example"]},
        {"to": ["ops@shop..example"]},
        {"to": [f"o{n}@shop.example" for n in range(51)]},
        {"from": "krd\r\nX: y <krd@shop.example>"},
        {"from": "=?utf-8?q?=0D=0ABcc:x?= <krd@shop.example>"},
        {"to": ["=?utf-8?q?=0D=0AX:y?=@shop.example"]},
        {"from": "<>"},
        {"host": "smtp.shop.example:587"},
        {"host": "smtp shop"},
        {"host": ""},
        {"host": "a" * 64},
        {"port": 0},
        {"security": "none"},
        {"ehlo": "two words"},
        {"username": "krd"},
        {"password": {"env": "KRD_TEST_PASSWORD"}},
        {**LOGIN, "security": "plain"},
        {**LOGIN, "password": "written down"},
        {"subject": "mine"},
    ],
)
def test_a_mistake_in_the_options_is_found_before_any_mail(change):
    with pytest.raises(ValidationError) as refused:
        KIND.options(**GIVEN | change)
    assert "written down" not in str(refused.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_a_password_in_plain_text_stays_on_the_machine(host):
    assert KIND.options(**GIVEN | LOGIN | {"host": host, "security": "plain"}).host == host


def test_a_name_with_a_comma_is_one_address(mailed, announcement):
    mail = mailed(
        announcement,
        addresses=Addresses(mailbox('"Ops, krd" <krd@shop.example>'), (mailbox("ops@shop.example"),)),
    )
    (sender,) = mail["from"].addresses
    assert (sender.display_name, sender.addr_spec) == ("Ops, krd", "krd@shop.example")


def test_the_kind_tells_how_it_may_be_used():
    assert (KIND.groups, KIND.people, KIND.alerts_only, KIND.rate) == (True, True, False, 1)
