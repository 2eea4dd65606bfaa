"""What a letter looks like: its headers are ours whatever the text, and its text is whole."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.channels.adapters.email import Email
from app.channels.adapters.email_letter import letter, sender
from app.channels.port import Picture, Post, Verdict
from app.core.addresses import Guard
from app.core.mail_client import MailClient
from tests.builders.images import PNG
from tests.channels.post_office import post_office
from tests.channels.test_email import SECRET, TO, say
from tests.conftest import T0

V = Verdict


def read(sent: bytes) -> EmailMessage:
    found = message_from_bytes(sent, policy=default)
    assert isinstance(found, EmailMessage)
    return found


async def test_the_conversation_in_full() -> None:
    async with post_office() as there:
        outcome = await say(there)
    assert outcome.message_id == "<dlv_0001@example.org>"
    assert there.heard[0] == "EHLO [127.0.0.1]"
    assert there.heard[1].startswith("AUTH PLAIN ")
    assert there.heard[2:5] == ["MAIL FROM:<muster@example.org>", f"RCPT TO:<{TO}>", "DATA"]
    found = read(there.letters[0])
    assert {name: str(found[name]) for name in found} == {
        "From": "城市广播 <muster@example.org>",
        "To": TO,
        "Subject": "集合：周六 9 点 🎉",
        "Date": "Mon, 02 Mar 2026 09:00:00 +0000",
        "Message-ID": "<dlv_0001@example.org>",
        "MIME-Version": "1.0",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "base64",
    }
    assert found.get_content() == "集合：周六 9 点 🎉\r\n<b>&amp;\r\n"


async def test_a_repetition_has_the_same_message_id() -> None:
    async with post_office() as there:
        for _ in range(2):
            await say(there)
    first, second = [read(each)["Message-ID"] for each in there.letters]
    assert first == second


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("Storm\r\nBcc: everyone@example.org\r\n\r\nx", "Storm"),
        ("Storm\rBcc: everyone@example.org", "Storm"),
        ("Storm\u2028Bcc: everyone@example.org", "Storm"),
        ("\r\n\r\n  \nBcc: everyone@example.org", "Bcc: everyone@example.org"),
        ("a\x00b\x1bc\tд", "a b c д"),
        ("a\ud800b", "a?b"),
        ("", "—"),
        ("字" * 500, "字" * 119 + "…"),
        ("=?utf-8?q?Bcc=3A_x=0AEvil=3A_y?=", "= ?utf-8?q?Bcc=3A_x=0AEvil=3A_y?="),
        ("=?utf-8?b?QmNjOiB4CkV2aWw6IHk=?= 字", "= ?utf-8?b?QmNjOiB4CkV2aWw6IHk= ?= 字"),
        ("= ?= =??=?=?utf-8?q?x=0AEvil=3A_y?=", "= ?= = ??= ?= ?utf-8?q?x=0AEvil=3A_y?="),
    ],
)
async def test_no_text_writes_a_header(text: str, subject: str) -> None:
    async with post_office() as there:
        outcome = await say(there, text=text)
    assert outcome.verdict is V.HANDED_OVER
    found = read(there.letters[0])
    assert len(found) == 8
    assert "Bcc" not in found
    assert "Evil" not in found
    assert str(found["Subject"]) == subject


@given(st.text(st.sampled_from("=?utf-8qb_:0AD \r\n\x0b\u2028é字") | st.characters(), max_size=80))
def test_whatever_the_text_the_headers_are_the_same_eight(text: str) -> None:
    author = sender(SECRET["sender"])
    assert author is not None
    found = read(letter(Post("k", text, T0, TO), author))
    assert len(found) == 8
    assert (found["From"], found["To"], found["Message-ID"]) == (SECRET["sender"], TO, "<k@example.org>")
    assert "\n" not in found["Subject"]
    assert found.defects == []


@pytest.mark.parametrize("text", [".", "..\n.\n.x", "a\n.\nQUIT\n", "Please stay.\n." + "x" * 2000, "\n.\r\n.\r\nMAIL"])
async def test_a_dot_ends_nothing_early(text: str) -> None:
    async with post_office() as there:
        outcome = await say(there, text=text)
    assert outcome.verdict is V.HANDED_OVER
    sent = there.letters[0].removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")
    assert read(sent).get_content().split() == text.split()
    assert there.heard[-1] in {"DATA", "QUIT"}


@pytest.mark.parametrize("address", [TO, "a+b.c@example.org", "o'neil@mail.example.co.uk"])
def test_a_mailbox_is_an_address(address: str) -> None:
    assert Email(MailClient(Guard())).address_problem(address) is None


@pytest.mark.parametrize(
    "address",
    ["", "a", "a@b", "@example.org", "a@", "a b@example.org", "a@example.org,b@example.org", "A <a@example.org>",
     "a@-x.org", "李@example.org", "a@例子.测试", "a@[127.0.0.1]", "a..b@example.org", "a" * 250 + "@example.org",
     "a@example.org\n", "=?utf-8?q?a=0AEvil=3A_y?=@example.org"],
)  # fmt: skip
def test_anything_else_is_explained(address: str) -> None:
    problem = Email(MailClient(Guard())).address_problem(address)
    assert problem is not None
    assert "parents-3b@lists.example.org" in problem


def test_a_picture_is_attached_to_the_letter() -> None:
    author = sender("Muster <muster@example.org>")
    assert author is not None
    picture = Picture("pic_1", "image/png", "picture.png", PNG)
    found = read(letter(Post("dlv_1", "集合", T0, "parents@example.org", picture=picture), author))
    [attached] = found.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == ("picture.png", "image/png")
    assert attached.get_content() == PNG
    body = found.get_body()
    assert body is not None
    assert body.get_content().strip() == "集合"
