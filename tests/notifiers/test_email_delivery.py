"""Mail reaches a real SMTP server over real sockets, and each way of not reaching it has its verdict."""

import json
import socket
import ssl
import threading
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from collector.notifiers.email import KIND
from collector.ports.notifier import Delivered, Refused, TryLater

PASSWORD = "passwordCANARY"
SHORT = timedelta(seconds=0.6)


@dataclass
class Inbox:
    """What a server took, and what it is told to answer."""

    mails: list = field(default_factory=list)
    greeted: list = field(default_factory=list)
    logins: list = field(default_factory=list)
    encrypted: list = field(default_factory=list)
    recipients: dict = field(default_factory=dict)
    """Answer by recipient."""
    sender: str = ""
    content: str = "250 2.0.0 taken"

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802 - aiosmtpd calls it by this name
        session.host_name = hostname
        self.greeted.append(hostname)
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd calls it by this name
        if self.sender:
            return self.sender
        envelope.mail_from = address
        return "250 2.1.0 fine"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd calls it by this name
        if answer := self.recipients.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 fine"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd calls it by this name
        if self.content.startswith("2"):
            self.encrypted.append(session.ssl is not None)
            self.mails.append((envelope.mail_from, tuple(envelope.rcpt_tos), envelope.content))
        return self.content

    def authenticate(self, server, session, envelope, mechanism, data):
        good = (data.login, data.password) == (b"krd", PASSWORD.encode())
        self.logins.append((mechanism, data.login.decode(), good))
        return AuthResult(success=good, handled=False)

    def read(self, number=0):
        return message_from_bytes(self.mails[number][2], policy=policy.default)


class _Server(Controller):
    """Listens on a port that is already ours: aiosmtpd itself asks for a number beforehand."""

    def __init__(self, handler, **options):
        self._listener = socket.create_server(("127.0.0.1", 0))
        super().__init__(handler, hostname="127.0.0.1", port=self._listener.getsockname()[1], **options)

    def _create_server(self):
        return self.loop.create_server(self._factory_invoker, sock=self._listener, ssl=self.ssl_context)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A certificate authority of our own: the file with its root, and the rules of a server it vouches for."""
    ca = trustme.CA()
    root = tmp_path_factory.mktemp("ca") / "root.pem"
    ca.cert_pem.write_to_path(root)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(context)
    return root, context


@pytest.fixture
def serve(authority):
    """Start a mail server of a given security and give its port."""
    _, context = authority
    running = []

    def start(inbox, security="plain", **options):
        given = {
            "plain": {},
            "starttls": {"tls_context": context, "require_starttls": True},
            "tls": {"ssl_context": context},
        }[security]
        server = _Server(inbox, **given, **options)
        server.start()
        running.append(server)
        return server.port

    yield start
    for server in running:
        server.stop()


@pytest.fixture
def email(authority, monkeypatch):
    """Make a notifier that sends to a port of this machine."""
    monkeypatch.setenv("KRD_TEST_PASSWORD", PASSWORD)

    def make(port, **options):
        given = {
            "host": "127.0.0.1",
            "port": port,
            "security": "plain",
            "from": "krd <krd@shop.example>",
            "to": ["ops@shop.example", "Li <li@shop.example>"],
            "timeout": timedelta(seconds=5),
        }
        if options.get("security", "plain") != "plain":
            given["ca_file"] = authority[0]
        return KIND.open(KIND.options(**given | options))

    return make


@pytest.fixture
def login():
    return {"username": "krd", "password": {"env": "KRD_TEST_PASSWORD"}}


def answers(verdict, kind, *words):
    assert type(verdict) is kind, verdict
    assert all(word in verdict.reason for word in words), verdict
    return True


@pytest.mark.parametrize("security", ["plain", "starttls", "tls"])
def test_a_mail_arrives_whole(serve, email, announcement, at, security):
    inbox = Inbox()
    assert email(serve(inbox, security), security=security).send(announcement, at) == Delivered()
    ((sender, recipients, _),) = inbox.mails
    assert (sender, recipients) == ("krd@shop.example", ("ops@shop.example", "li@shop.example"))
    assert inbox.encrypted == [security == "starttls"]  # under `tls` the server itself knows of nothing else
    mail = inbox.read()
    assert [part.defects for part in mail.walk()] == [[], [], []]
    assert mail["message-id"] == "<evt_0123456789abcdef@krd.shop.example>"
    assert announcement.title in mail.get_body(("plain",)).get_content()
    assert announcement.title in mail.get_body(("html",)).get_content()


def test_a_server_is_greeted_by_our_end_of_the_connection_or_a_name(serve, email, announcement, at):
    inbox = Inbox()
    port = serve(inbox)
    email(port).send(announcement, at)
    email(port, ehlo="krd.shop.example").send(announcement, at)
    assert inbox.greeted == ["[127.0.0.1]", "krd.shop.example"]


@pytest.mark.parametrize("security", ["plain", "starttls", "tls"])
def test_a_login_is_given_once(serve, email, announcement, at, login, security):
    inbox = Inbox()
    port = serve(inbox, security, auth_require_tls=security == "starttls", authenticator=inbox.authenticate)
    assert email(port, security=security, **login).send(announcement, at) == Delivered()
    assert [(name, good) for _, name, good in inbox.logins] == [("krd", True)]


def test_a_wrong_password_is_refused_with_what_to_do(serve, email, announcement, at, login, monkeypatch):
    inbox = Inbox()
    port = serve(inbox, "starttls", auth_required=True, authenticator=inbox.authenticate)
    monkeypatch.setenv("KRD_TEST_PASSWORD", "wrongCANARY")
    verdict = email(port, security="starttls", **login).send(announcement, at)
    assert verdict == Refused("127.0.0.1 answered 535 5.7.8: renew username and password of this notifier")
    assert inbox.mails == []


def test_a_missing_login_is_refused_with_what_to_do(serve, email, announcement, at):
    inbox = Inbox()
    port = serve(inbox, "starttls", auth_required=True, authenticator=inbox.authenticate)
    verdict = email(port, security="starttls").send(announcement, at)
    assert answers(verdict, Refused, "530 5.7.0", "a login that may send there")
    assert not verdict.content


def test_a_login_that_nobody_asks_for_is_said(serve, email, announcement, at, login):
    verdict = email(serve(Inbox()), **login).send(announcement, at)
    assert answers(verdict, TryLater, "does not offer what is asked of it")


def test_an_unset_password_is_said_by_its_place(serve, email, announcement, at, login, monkeypatch):
    inbox = Inbox()
    notifier = email(serve(inbox), **login)
    monkeypatch.delenv("KRD_TEST_PASSWORD")
    verdict = notifier.send(announcement, at)
    assert answers(verdict, TryLater, "KRD_TEST_PASSWORD is not set", "provide the password of krd there")
    assert inbox.greeted == []


def test_a_password_beyond_ascii_is_said_and_not_shown(serve, email, announcement, at, login, monkeypatch):
    inbox = Inbox()
    port = serve(inbox, auth_require_tls=False, authenticator=inbox.authenticate)
    monkeypatch.setenv("KRD_TEST_PASSWORD", "pässwörd")
    verdict = email(port, **login).send(announcement, at)
    assert answers(verdict, TryLater, "plain ASCII")
    assert "pässwörd" not in verdict.reason


def test_nothing_is_told_to_a_server_without_tls(serve, email, announcement, at, login):
    inbox = Inbox()
    verdict = email(serve(inbox), security="starttls", **login).send(announcement, at)
    assert answers(verdict, TryLater, "STARTTLS")
    assert (inbox.mails, inbox.logins) == ([], [])


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_nobody_vouches_for_is_not_trusted(serve, email, announcement, at, security):
    inbox = Inbox()
    verdict = email(serve(inbox, security), security=security, ca_file=None).send(announcement, at)
    assert answers(verdict, TryLater, "127.0.0.1 not reached: its certificate is not trusted")
    assert inbox.mails == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_of_another_authority_is_not_trusted(
    serve, email, announcement, at, security, tmp_path
):
    ca = trustme.CA()
    ca.cert_pem.write_to_path(tmp_path / "other.pem")
    notifier = email(serve(Inbox(), security), security=security, ca_file=tmp_path / "other.pem")
    assert answers(notifier.send(announcement, at), TryLater, "certificate is not trusted")


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_of_another_host_is_not_trusted(serve, email, announcement, at, security):
    inbox = Inbox()
    verdict = email(serve(inbox, security), security=security, host="localhost").send(announcement, at)
    assert answers(verdict, TryLater, "localhost not reached: its certificate is not trusted", "mismatch")
    assert inbox.mails == []


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_roots_that_cannot_be_read_are_said_by_their_place(
    email, announcement, at, tmp_path, unused_port, content
):
    path = tmp_path / "roots.pem"
    if content:
        path.write_text(content)
    verdict = email(unused_port, security="tls", ca_file=path).send(announcement, at)
    assert answers(verdict, TryLater, f"the roots in {path} cannot be used")


@pytest.mark.parametrize(
    ("place", "answer", "kind", "content"),
    [
        ("sender", "451 4.3.0 CANARY", TryLater, None),
        ("sender", "550 5.7.1 CANARY", Refused, False),
        ("sender", "552 5.3.4 CANARY", Refused, True),
        ("content", "451 4.7.1 CANARY", TryLater, None),
        ("content", "452 4.3.1 CANARY", TryLater, None),
        ("content", "552 5.3.4 CANARY", Refused, True),
        ("content", "554 5.7.1 CANARY", Refused, True),
    ],
)
def test_each_answer_has_its_verdict(serve, email, announcement, at, place, answer, kind, content):
    inbox = Inbox(**{place: answer})
    verdict = email(serve(inbox)).send(announcement, at)
    assert answers(verdict, kind, f"127.0.0.1 answered {answer.removesuffix(' CANARY')}")
    assert getattr(verdict, "content", None) == content
    assert "CANARY" not in verdict.reason  # the server's words may quote what was sent


@pytest.mark.parametrize(
    ("answers_by", "kind"),
    [
        ({"ops@shop.example": "550 5.1.1 nobody", "li@shop.example": "550 5.1.1 nobody"}, Refused),
        ({"ops@shop.example": "450 4.2.1 later", "li@shop.example": "450 4.2.1 later"}, TryLater),
        ({"ops@shop.example": "550 5.1.1 nobody", "li@shop.example": "450 4.2.1 later"}, TryLater),
    ],
)
def test_nobody_served_is_judged_by_the_mildest_answer(serve, email, announcement, at, answers_by, kind):
    inbox = Inbox(recipients=answers_by)
    assert type(email(serve(inbox)).send(announcement, at)) is kind
    assert inbox.mails == []


def test_an_address_that_is_gone_keeps_no_mail_from_the_others(serve, email, announcement, at, log):
    inbox = Inbox(recipients={"ops@shop.example": "550 5.1.1 nobody"})
    assert email(serve(inbox)).send(announcement, at) == Delivered()
    assert [recipients for _, recipients, _ in inbox.mails] == [("li@shop.example",)]
    (line,) = [
        one
        for one in map(json.loads, log.getvalue().splitlines())
        if one["event"] == "mail_recipient_refused"
    ]
    assert (line["recipient"], line["answer"], line["event_id"]) == (
        "ops@shop.example",
        "550 5.1.1",
        announcement.id,
    )


def test_who_took_it_gets_no_double_when_another_is_asked_again(serve, email, announcement, at):
    inbox = Inbox(recipients={"ops@shop.example": "450 4.7.1 greylisted"})
    notifier = email(serve(inbox))
    assert answers(notifier.send(announcement, at), TryLater, "450 4.7.1", "1 of 2 recipients")
    inbox.recipients = {}
    assert notifier.send(announcement, at + timedelta(minutes=5)) == Delivered()
    assert [recipients for _, recipients, _ in inbox.mails] == [("li@shop.example",), ("ops@shop.example",)]
    assert inbox.read(0)["message-id"] == inbox.read(1)["message-id"]
    assert inbox.read(1)["to"] == inbox.read(0)["to"]


def test_another_mail_goes_to_everybody_again(serve, email, announcement, at):
    inbox = Inbox(recipients={"ops@shop.example": "450 4.7.1 greylisted"})
    notifier = email(serve(inbox))
    notifier.send(announcement, at)
    inbox.recipients = {}
    assert notifier.send(replace(announcement, id="evt_next"), at) == Delivered()
    assert inbox.mails[-1][1] == ("ops@shop.example", "li@shop.example")


def test_an_address_given_up_while_another_waited_ends_as_delivered(serve, email, announcement, at, log):
    inbox = Inbox(recipients={"ops@shop.example": "450 4.7.1 greylisted"})
    notifier = email(serve(inbox))
    notifier.send(announcement, at)
    inbox.recipients = {"ops@shop.example": "550 5.1.1 nobody"}
    assert notifier.send(announcement, at) == Delivered()
    assert "mail_recipient_refused" in log.getvalue()


def test_a_second_send_is_the_same_mail(serve, email, announcement, at):
    inbox = Inbox()
    notifier = email(serve(inbox))
    notifier.send(announcement, at)
    notifier.send(announcement, at + timedelta(hours=3))
    assert inbox.read(0)["message-id"] == inbox.read(1)["message-id"]
    assert inbox.read(0)["references"] == inbox.read(1)["references"]
    assert inbox.read(0).get_body().get_content() == inbox.read(1).get_body().get_content()


def test_mails_sent_at_once_do_not_mix(serve, email, announcement, at):
    inbox = Inbox()
    notifier = email(serve(inbox))
    told = [replace(announcement, id=f"evt_{number}", title=f"title {number}") for number in range(12)]
    found = []
    threads = [threading.Thread(target=lambda one=one: found.append(notifier.send(one, at))) for one in told]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == [Delivered()] * 12
    for number in range(12):
        mail = inbox.read(number)
        title = mail["message-id"].partition("@")[0].replace("<evt_", "title ")
        assert mail.get_body(("plain",)).get_content().splitlines()[0] == f"! firing · {title}"


@pytest.mark.parametrize("security", ["plain", "starttls", "tls"])
def test_a_server_that_says_nothing_is_left_at_the_deadline(
    trickler, email, announcement, at, stopwatch, security
):
    port = trickler(b"", b"")
    verdict = email(port, security=security, timeout=SHORT).send(announcement, at)
    assert verdict == TryLater("127.0.0.1 did not take the mail within 0.6 s")
    assert stopwatch() < 1.6


@pytest.mark.parametrize(
    ("first", "piece"),
    [
        (b"220 ", b"x"),
        (b"220-hello\r\n", b"220-hello\r\n"),
        (b"220 hello\r\n", b"250-x\r\n"),
        (b"220 hello\r\n250-x\r\n250 STARTTLS\r\n220 go\r\n\x16\x03\x03\x3f\xff\x02", b"x"),
    ],
)
def test_a_server_that_trickles_is_left_at_the_deadline(
    trickler, email, announcement, at, stopwatch, first, piece
):
    verdict = email(trickler(first, piece), security="starttls", timeout=SHORT).send(announcement, at)
    assert isinstance(verdict, TryLater)
    assert stopwatch() < 1.6


def test_a_handshake_that_trickles_is_cut_at_the_deadline(trickler, email, announcement, at, stopwatch):
    port = trickler(b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xfb\x03\x03", b"x")
    assert isinstance(email(port, security="tls", timeout=SHORT).send(announcement, at), TryLater)
    assert stopwatch() < 1.6


def test_a_good_bye_that_never_comes_changes_nothing(trickler, email, announcement, at, stopwatch):
    script = b"220 a\r\n250 b\r\n250 sender\r\n250 one\r\n250 two\r\n354 go\r\n250 taken\r\n"
    assert email(trickler(script, b""), timeout=SHORT).send(announcement, at) == Delivered()
    assert stopwatch() < 1.6


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (b"554 5.7.1 no service for 127.0.0.1 CANARY\r\n", "answered 554 5.7.1"),
        (b"421 4.3.2 later\r\n", "answered 421 4.3.2"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "does not speak SMTP"),
        (b"220 a\r\n250 b\r\n250 sender\r\n250 one\r\n421 4.3.2 bye\r\n", "answered 421"),
        (b"220 a\r\n550 no\r\n550 no\r\n", "answered 550"),
    ],
)
def test_a_server_that_will_not_listen_is_asked_again(trickler, email, announcement, at, script, words):
    verdict = email(trickler(script, b""), timeout=SHORT).send(announcement, at)
    assert isinstance(verdict, TryLater)
    assert words in verdict.reason
    assert "CANARY" not in verdict.reason


def test_nobody_there_is_said(email, announcement, at, unused_port):
    assert email(unused_port).send(announcement, at) == TryLater("127.0.0.1 not reached: connection refused")


def test_a_host_without_an_address_is_said(email, announcement, at):
    verdict = email(25, host="krd.invalid").send(announcement, at)
    assert verdict == TryLater("krd.invalid not reached: its name cannot be resolved")


def test_no_watch_outlives_its_mail(serve, email, announcement, at, unused_port):
    port = serve(Inbox())
    before = set(threading.enumerate())
    for each in (port, unused_port):
        email(each).send(announcement, at)
    for watch in (
        one for one in threading.enumerate() if isinstance(one, threading.Timer) and one not in before
    ):
        watch.join(1)
        assert not watch.is_alive()


def test_no_verdict_and_no_log_shows_the_password(serve, email, announcement, at, login, log, capfd):
    inbox = Inbox()
    secured = serve(
        inbox,
        "starttls",
        auth_required=True,
        authenticator=lambda *args: AuthResult(success=False, handled=False),
    )
    open_to_all = serve(Inbox(content="554 5.7.1 CANARY"))
    told = []
    for port, options in (
        (secured, {"security": "starttls"}),
        (open_to_all, {}),
        (secured, {"security": "tls"}),
    ):
        notifier = email(port, timeout=SHORT, **options, **login)
        told += [notifier, notifier.send(announcement, at), getattr(notifier, "__dict__", "")]
    assert "CANARY" not in repr(told) + log.getvalue() + "".join(capfd.readouterr())


@pytest.mark.parametrize("host", ["many.example", "slow.example"])
def test_a_name_that_leads_nowhere_is_left_at_the_deadline(
    host, email, resolver, silent, announcement, at, stopwatch
):
    resolver += ["127.0.0.1"] * 4
    verdict = email(silent(), host=host, timeout=SHORT).send(announcement, at)
    assert verdict == TryLater(f"{host} did not take the mail within 0.6 s")
    assert stopwatch() < 1.6
