"""E-mail: every reply a server may give at every step, and what it has to mean."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest

from app.channels.adapters.email import Email
from app.channels.port import Channel, Checks, Outcome, Post, Recalls, Verdict
from app.core.addresses import Guard
from app.core.http import HttpClient
from app.core.limits import Scope
from app.core.mail_client import MailClient
from tests.channels.harness import CANARY
from tests.channels.post_office import HANG_UP, RESET, SILENCE, PostOffice, post_office
from tests.conftest import T0
from tests.servers import free_port

V = Verdict
SECRET = {"sender": "城市广播 <muster@example.org>", "user": "muster", "password": CANARY}
TO = "parents-3b@lists.example.org"


@dataclass(frozen=True)
class Row:
    """At this word the server gives this reply, and that has to mean this."""

    word: str
    reply: bytes | None
    verdict: Verdict

    def __str__(self) -> str:
        return f"{self.word}: {self.reply!r}"


ROWS = (
    Row("DOT", b"250 2.0.0 Ok: queued as 4F2A", V.HANDED_OVER),
    Row("DOT", b"250 OK", V.HANDED_OVER),
    Row("DOT", b"250-first\r\n250 second", V.HANDED_OVER),
    Row("GREETING", b"554 5.7.1 no mail from you", V.CREDENTIAL_REFUSED),
    Row("GREETING", b"421 4.3.0 come back later", V.NOT_SENT),
    Row("GREETING", b"HTTP/1.1 400 Bad Request", V.NOT_SENT),
    Row("GREETING", HANG_UP, V.NOT_SENT),
    Row("GREETING", RESET, V.NOT_SENT),
    Row("EHLO", b"502 what?", V.CREDENTIAL_REFUSED),
    Row("EHLO", b"250 post.example", V.CREDENTIAL_REFUSED),
    Row("EHLO", b"250-post.example\r\n250 AUTH GSSAPI", V.CREDENTIAL_REFUSED),
    Row("EHLO", HANG_UP, V.NOT_SENT),
    Row("AUTH", b"535 5.7.8 Authentication credentials invalid", V.CREDENTIAL_REFUSED),
    Row("AUTH", b"534 5.7.9 Application-specific password required", V.CREDENTIAL_REFUSED),
    Row("AUTH", b"538 5.7.11 Encryption required", V.CREDENTIAL_REFUSED),
    Row("AUTH", b"454 4.7.0 Temporary authentication failure", V.NOT_SENT),
    Row("AUTH", HANG_UP, V.NOT_SENT),
    Row("MAIL", b"530 5.7.0 Authentication required", V.CREDENTIAL_REFUSED),
    Row("MAIL", b"550 5.7.60 Client does not have permissions to send as this sender", V.CREDENTIAL_REFUSED),
    Row("MAIL", b"553 5.7.1 Sender address rejected: not owned by user", V.CREDENTIAL_REFUSED),
    Row("MAIL", b"552 5.3.4 Message size exceeds fixed limit", V.CONTENT_REFUSED),
    Row("MAIL", b"421 4.4.2 timeout", V.NOT_SENT),
    Row("MAIL", b"432 4.3.2 Concurrent connections limit exceeded", V.THROTTLED),
    Row("MAIL", b"452 4.3.1 Insufficient system storage", V.NOT_SENT),
    Row("MAIL", HANG_UP, V.NOT_SENT),
    Row("RCPT", b"550 5.1.1 No such user", V.TARGET_GONE),
    Row("RCPT", b"551 User not local", V.TARGET_GONE),
    Row("RCPT", b"552 5.2.2 Mailbox full", V.TARGET_GONE),
    Row("RCPT", b"553 5.1.3 Bad address", V.TARGET_GONE),
    Row("RCPT", b"554 5.7.1 You may not write to this list", V.TARGET_GONE),
    Row("RCPT", b"530 Authentication required", V.CREDENTIAL_REFUSED),
    Row("RCPT", b"450 4.2.0 Greylisted", V.NOT_SENT),
    Row("RCPT", b"451 4.7.28 Too much mail from this account", V.THROTTLED),
    Row("RCPT", b"451 4.4.5 Congestion", V.THROTTLED),
    Row("RCPT", b"354 what?", V.NOT_SENT),
    Row("RCPT", b"hello", V.NOT_SENT),
    Row("RCPT", RESET, V.NOT_SENT),
    Row("DATA", b"554 5.5.1 No valid recipients", V.CONTENT_REFUSED),
    Row("DATA", b"451 4.3.0 Local error", V.NOT_SENT),
    Row("DATA", b"250 done already", V.NOT_SENT),
    Row("DATA", HANG_UP, V.NOT_SENT),
    Row("DATA", RESET, V.NOT_SENT),
    Row("DOT", b"552 5.3.4 Too big", V.CONTENT_REFUSED),
    Row("DOT", b"554 5.7.1 Looks like spam", V.CONTENT_REFUSED),
    Row("DOT", b"550 5.7.1 Refused by policy", V.CONTENT_REFUSED),
    Row("DOT", b"451 4.3.0 Try again", V.NOT_SENT),
    Row("DOT", b"452 4.3.1 Disk full", V.NOT_SENT),
    Row("DOT", b"421 4.3.2 Shutting down", V.THROTTLED),
    Row("DOT", b"354 more?", V.AMBIGUOUS),
    Row("DOT", b"999 what?", V.AMBIGUOUS),
    Row("DOT", b"Ok", V.AMBIGUOUS),
    Row("DOT", b"2", V.AMBIGUOUS),
    Row("DOT", b"\x00\xff\xfe", V.AMBIGUOUS),
    Row("DOT", b"250-half an answer", V.AMBIGUOUS),
    Row("DOT", b"x" * 100_000, V.AMBIGUOUS),
    Row("DOT", SILENCE, V.AMBIGUOUS),
    Row("DOT", HANG_UP, V.AMBIGUOUS),
    Row("DOT", RESET, V.AMBIGUOUS),
    Row("AUTH", f"535 no login for muster with {CANARY}".encode(), V.CREDENTIAL_REFUSED),
)

ENDLESS = [row for row in ROWS if row.word == "DOT" and row.reply in {SILENCE, b"250-half an answer"}]


def _post(there: PostOffice, **changes: object) -> Post:
    secret = {**SECRET, "smtp_url": there.url}
    return replace(Post("dlv_0001", "集合：周六 9 点 🎉\n<b>&amp;", T0, TO, secret), **changes)  # type: ignore[arg-type]


async def say(there: PostOffice, *, deadline_s: float = 10.0, **changes: object) -> Outcome:
    """One post by the real client to this server, which is listed."""
    email = Email(MailClient(Guard(there.hosts), deadline_s=deadline_s))
    http = HttpClient(Guard())
    try:
        return await email.post(_post(there, **changes), http)
    finally:
        await http.close()


@pytest.mark.parametrize("row", ROWS, ids=str)
async def test_the_reply_is_understood(row: Row) -> None:
    async with post_office(**{row.word: row.reply}) as there:
        outcome = await say(there, deadline_s=1.5 if row in ENDLESS else 10)
    assert outcome.verdict is row.verdict, outcome
    assert there.connections == 1
    assert len(there.letters) == (row.word == "DOT"), "a letter left that was not to leave, or left twice"
    assert CANARY not in repr(outcome)
    assert outcome.detail.endswith((".", "…"))
    assert (outcome.wait_s, outcome.scope) == (
        (60, Scope.ACCOUNT) if row.verdict is V.THROTTLED else (None, Scope.CHAT)
    )
    assert (outcome.message_id is not None) == (row.verdict is V.HANDED_OVER)


@pytest.mark.parametrize("word", ["GREETING", "EHLO", "AUTH", "MAIL", "RCPT", "DATA"])
async def test_silence_before_the_text_means_nothing_was_sent(word: str) -> None:
    async with post_office(**{word: SILENCE}) as there:
        outcome = await say(there, deadline_s=0.3)
    assert (outcome.verdict, outcome.wait_s) == (V.NOT_SENT, None)
    assert there.letters == []


async def test_an_answer_counts_whatever_becomes_of_the_farewell() -> None:
    async with post_office(QUIT=SILENCE) as there:
        assert (await say(there)).verdict is V.HANDED_OVER


async def test_a_refused_connection_said_nothing() -> None:
    there = PostOffice(free_port(), {})
    assert (await say(there)).verdict is V.NOT_SENT


@pytest.mark.parametrize("hosts", [frozenset(), frozenset({"127.0.0.1:1"})])
async def test_a_host_nobody_listed_is_not_spoken_to(hosts: frozenset[str]) -> None:
    async with post_office() as there:
        outcome = await Email(MailClient(Guard(hosts))).post(_post(there), HttpClient(Guard()))
    assert outcome.verdict is V.NOT_SENT
    assert "MUSTER_ALLOWED_HOSTS" in outcome.detail
    assert there.connections == 0


async def test_who_needs_no_login_is_not_logged_in() -> None:
    async with post_office(EHLO=b"250 post.example") as there:
        outcome = await say(there, secret={"smtp_url": there.url, "sender": "muster@example.org"})
    assert outcome.verdict is V.HANDED_OVER
    assert not any(line.startswith("AUTH") for line in there.heard)


@pytest.mark.parametrize(
    "secret",
    [
        {},
        {"smtp_url": "smtp://127.0.0.1"},
        {"smtp_url": "127.0.0.1:25", "sender": "a@example.org"},
        {"smtp_url": "https://127.0.0.1", "sender": "a@example.org"},
        {"smtp_url": "smtp://u:p@127.0.0.1", "sender": "a@example.org"},
        {"smtp_url": "smtp://127.0.0.1/x?y", "sender": "a@example.org"},
        {"smtp_url": "smtp://127.0.0.1", "sender": "nobody"},
        {"smtp_url": "smtp://127.0.0.1", "sender": "A <a@example.org>, B <b@example.org>"},
        {"smtp_url": "smtp://127.0.0.1", "sender": "=?utf-8?q?A=0AEvil=3A_y?= <a@example.org>"},
        {"smtp_url": "smtp://127.0.0.1", "sender": "A\r\nBcc: x@y.z <a@example.org>"},
    ],
)
async def test_a_broken_secret_says_nothing(secret: Mapping[str, str]) -> None:
    async with post_office() as there:
        outcome = await say(there, secret=secret)
    assert (outcome.verdict, outcome.code) == (V.CREDENTIAL_REFUSED, "bad_secret")
    assert there.connections == 0


async def test_what_is_no_mailbox_gets_no_letter() -> None:
    async with post_office() as there:
        outcome = await say(there, address="a@example.org>\r\nRCPT TO:<b@example.org")
    assert outcome.verdict is V.TARGET_GONE
    assert there.connections == 0


def test_it_is_a_channel_that_can_be_asked_and_takes_nothing_back() -> None:
    email: Channel = Email(MailClient(Guard()))
    assert isinstance(email, Checks)
    assert not isinstance(email, Recalls)
    assert email.keyed is None
