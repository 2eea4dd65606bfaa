"""Leaders who read their mail: a real SMTP server gets their letters, the link in one works, a silent leader is
reminded, and what a server refuses is said."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest

from tests.channels.harness import CANARY
from tests.channels.mail_server import mail_server
from tests.channels.post_office import GOOD, HANG_UP, post_office
from tests.conftest import T0
from tests.world import World, world_on

ANA = "ana@example.org"


@asynccontextmanager
async def _mailed(database_url: str, folder: Path, port: int, **secret: str) -> AsyncIterator[World]:
    """Two groups of a leader's who is written to by mail, over the server at this port."""
    place = f"127.0.0.1:{port}"
    async with world_on(database_url, folder, T0, hosts=(place,)) as world:
        known = {"smtp_url": f"smtp://{place}", "sender": "City <muster@example.org>", **secret}
        await world.account("mail", "email", secret=known)
        leader = {"platform": "manual", "leader": "Ana", "leader_contact": f"email:{ANA}", "branch": "East"}
        await world.groups(*({"group": name, **leader} for name in ("A", "B")))
        yield world


def _read(letter: bytes) -> EmailMessage:
    found = message_from_bytes(letter, policy=SMTP)
    assert isinstance(found, EmailMessage)
    return found


def _words(letter: EmailMessage) -> str:
    return str(letter.get_content())


async def test_a_leader_is_asked_by_mail_reminded_and_confirms_by_the_link(database_url: str, tmp_path: Path) -> None:
    async with (
        mail_server() as server,
        _mailed(database_url, tmp_path, server.port, user="muster", password=CANARY) as world,
    ):
        campaign = await world.launch(escalation={"steps": [{"action": "remind", "at_percent": 50}]})
        await world.forward(seconds=3, step=1)
        [asked] = server.letters
        assert (asked.mail_from, asked.rcpt_tos) == ("muster@example.org", [ANA])
        letter = _read(bytes(asked.content or b""))
        assert (letter["From"], letter["To"]) == ("City <muster@example.org>", ANA)
        link = "/r/" + _words(letter).split("/r/")[1].split()[0]
        assert (await world.api.get(link)).status_code == 200
        relays = {name: relay["id"] for name, relay in (await world.relays(campaign)).items()}
        assert (await world.presses(link, "done", relays["A"])).status_code == 200
        await world.forward(minutes=31)
        [_, reminder] = server.letters
        told = _read(bytes(reminder.content or b""))
        assert told["Message-ID"] != letter["Message-ID"]
        again = "/r/" + _words(told).split("/r/")[1].split()[0]
        assert (await world.presses(again, "done", relays["B"])).status_code == 200
        found = await world.campaign(campaign)
        assert (found["status"], found["counts"]["relayed"]) == ("finished", 2)
        sent = (await world.call("GET", f"/campaigns/{campaign}/deliveries"))["items"]
        assert {(one["kind"], one["state"]) for one in sent} == {("hand_off", "sent"), ("nudge", "sent")}


@pytest.mark.parametrize(
    ("step", "said", "becomes"),
    [
        ("RCPT", b"450 4.2.0 Mailbox busy", ("sent", 2, "active")),
        ("DOT", b"451 4.3.0 Try again later", ("sent", 2, "active")),
        ("DOT", HANG_UP, ("uncertain", 1, "active")),
        ("RCPT", b"550 5.1.1 No such user", ("failed", 1, "active")),
        ("DOT", b"554 5.7.1 Rejected as spam", ("failed", 1, "active")),
        ("MAIL", b"530 5.7.0 Authentication required", ("due", 1, "refused")),
    ],
)
async def test_what_a_server_answers_becomes_what_the_ledger_says(
    database_url: str, tmp_path: Path, step: str, said: bytes, becomes: tuple[str, int, str]
) -> None:
    """`becomes`: the letter's state, how many conversations there were, and the account's state."""
    async with post_office(**{step: said}) as server, _mailed(database_url, tmp_path, server.port) as world:
        campaign = await world.launch()
        await world.forward(seconds=3, step=1)
        server.replies = GOOD  # whatever it was, it is over
        await world.forward(minutes=2, step=30)
        [letter] = (await world.call("GET", f"/campaigns/{campaign}/deliveries"))["items"]
        assert letter["kind"] == "hand_off"
        [known] = [one for one in (await world.call("GET", "/accounts"))["items"] if one["platform"] == "email"]
        assert (letter["state"], server.connections, known["status"]) == becomes
        relays: Any = (await world.relays(campaign)).values()
        assert {relay["state"] for relay in relays} == {"assigned"}
