"""The mail client beside a real mail server: encryption, login, the guard, and turns."""

import asyncio

import pytest

from app.channels.adapters.email import Email
from app.channels.port import Credential, Outcome, Post, Verdict
from app.core.addresses import Guard
from app.core.http import HttpClient, NotSent
from app.core.mail import Busy, Letter, Server, Step
from app.core.mail_client import AT_ONCE, MailClient
from tests.channels.harness import CANARY
from tests.channels.mail_server import NAME, Papers, mail_server, make_papers
from tests.channels.post_office import SILENCE, post_office
from tests.channels.test_addresses import INSIDE, LOOPBACK, Fickle
from tests.conftest import T0

V = Verdict
LETTER = Letter("a@example.org", "b@example.org", b"Subject: x\r\n\r\nx\r\n")


@pytest.fixture(scope="session")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return make_papers(tmp_path_factory.mktemp("papers"))


async def _say(
    url: str, *, papers: Papers | None = None, listed: str = "", password: str = CANARY, to: str = "b@example.org"
) -> Outcome:
    mail = MailClient(
        Guard(frozenset({listed})),
        resolver=Fickle([("127.0.0.1",)]),
        trust=papers.believed if papers else None,
    )
    secret = {"smtp_url": url, "sender": "Muster <a@example.org>", "user": "muster", "password": password}
    http = HttpClient(Guard())
    return await Email(mail).post(Post("dlv_1", "集合\n.\n" + "字" * 3000, T0, to, secret), http)


async def test_a_real_server_takes_the_letter_over_starttls(papers: Papers) -> None:
    async with mail_server(tls=papers.shown) as there:
        listed = f"{NAME}:{there.port}"
        outcome = await _say(f"smtp://{listed}", papers=papers, listed=listed)
    assert outcome.verdict is V.HANDED_OVER, outcome
    (envelope,) = there.letters
    assert there.encrypted == [True]
    assert (envelope.mail_from, envelope.rcpt_tos) == ("a@example.org", ["b@example.org"])


async def test_a_real_server_takes_the_letter_over_tls(papers: Papers) -> None:
    async with mail_server(tls=papers.shown, at_once=True) as there:
        listed = f"{NAME}:{there.port}"
        outcome = await _say(f"smtps://{listed}", papers=papers, listed=listed)
    assert outcome.verdict is V.HANDED_OVER, outcome


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_a_server_nobody_vouches_for_is_told_nothing(papers: Papers, scheme: str) -> None:
    async with mail_server(tls=papers.shown, at_once=scheme == "smtps") as there:
        listed = f"{NAME}:{there.port}"
        outcome = await _say(f"{scheme}://{listed}", listed=listed)
    assert outcome.verdict is V.NOT_SENT, outcome
    assert there.letters == []


async def test_a_server_that_does_not_encrypt_is_told_nothing() -> None:
    async with mail_server() as there:
        listed = f"{NAME}:{there.port}"
        outcome = await _say(f"smtp://{listed}", listed=listed)
    assert outcome.verdict is V.CREDENTIAL_REFUSED
    assert "STARTTLS" in outcome.detail
    assert there.letters == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_on_this_machine_it_may_stay_bare(host: str) -> None:
    async with mail_server() as there:
        listed = f"{host}:{there.port}"
        outcome = await _say(f"smtp://{listed}", listed=listed)
    assert outcome.verdict is V.HANDED_OVER, outcome
    assert there.encrypted == [False]


async def test_a_real_servers_refusals_are_understood() -> None:
    async with mail_server() as there:
        listed = f"127.0.0.1:{there.port}"
        wrong = await _say(f"smtp://{listed}", listed=listed, password="wrong-password")
        gone = await _say(f"smtp://{listed}", listed=listed, to="nobody@example.org")
    assert (wrong.verdict, gone.verdict) == (V.CREDENTIAL_REFUSED, V.TARGET_GONE)
    assert gone.code == "550 5.1.1"
    assert "wrong-password" not in repr(wrong)


@pytest.mark.parametrize(
    ("password", "sender", "works"),
    [(CANARY, "a@example.org", True), ("wrong", "a@example.org", False), ("", "x", False)],
)
async def test_an_account_is_asked_after_without_a_letter(password: str, sender: str, works: bool) -> None:
    async with mail_server() as there:
        listed = f"127.0.0.1:{there.port}"
        secret = {"smtp_url": f"smtp://{listed}", "sender": sender, "user": "muster", "password": password}
        email = Email(MailClient(Guard(frozenset({listed}))))
        checked = await email.check(Credential(T0, secret), HttpClient(Guard()))
    assert checked.works is works, checked
    assert checked.detail.endswith(".")
    assert CANARY not in repr(checked)
    assert there.letters == []


@pytest.mark.parametrize(
    ("replies", "works"),
    [
        ({"GREETING": b"421 later"}, None),
        ({"MAIL": SILENCE}, None),
        ({"MAIL": b"550 not you"}, False),
        ({"MAIL": b"what"}, None),
    ],
)
async def test_a_server_that_does_not_tell(replies: dict[str, bytes | None], works: bool | None) -> None:
    async with post_office(**replies) as there:
        secret = {"smtp_url": there.url, "sender": "a@example.org"}
        email = Email(MailClient(Guard(there.hosts), deadline_s=1))
        checked = await email.check(Credential(T0, secret), HttpClient(Guard()))
    assert checked.works is works, checked


@pytest.mark.parametrize("host", [*LOOPBACK, *INSIDE])
async def test_no_spelling_of_our_own_network_is_spoken_to(host: str) -> None:
    async with post_office() as canary:
        for url in (f"smtp://{host}", f"smtps://{host}", f"smtp://{host}:{canary.port}"):
            with pytest.raises(NotSent):
                await MailClient(Guard(), deadline_s=3).send(Server(url), LETTER)
        assert canary.connections == 0


@pytest.mark.parametrize(
    "url",
    ["smtp://mail.example.org:25", "smtp://mail.example.org:22", "http://mail.example.org",
     "smtp://u@mail.example.org", "smtp://mail.example.org/x", "smtp://mail.example.org?x", "smtp://",
     "mail.example.org", "smtp://a b.example.org"],
)  # fmt: skip
async def test_only_the_ports_of_submission_are_spoken_to(url: str) -> None:
    with pytest.raises(NotSent):
        await MailClient(Guard(), resolver=Fickle([])).send(Server(url), LETTER)


@pytest.mark.parametrize("addresses", [("127.0.0.1",), ("93.184.216.34", "10.0.0.1"), ("::1",)])
async def test_a_name_that_leads_inwards_is_not_spoken_to(addresses: tuple[str, ...]) -> None:
    with pytest.raises(NotSent):
        await MailClient(Guard(), resolver=Fickle([addresses])).send(Server("smtp://evil.example"), LETTER)


async def test_one_server_gets_three_letters_at_a_time_and_who_waits_in_vain_pays_nothing() -> None:
    async with post_office(DOT=SILENCE) as there:
        mail = MailClient(Guard(there.hosts), deadline_s=2)
        talks = [mail.send(Server(there.url), LETTER) for _ in range(AT_ONCE + 2)]
        results = await asyncio.gather(*talks, return_exceptions=True)
        assert there.connections == AT_ONCE
        assert [type(one) for one in results].count(Busy) == 2
        there.replies = {**there.replies, ".": b"250 Ok"}
        assert (await mail.send(Server(there.url), LETTER)).step is Step.TEXT


async def test_who_waits_in_vain_is_told_when_to_come_back() -> None:
    async with post_office(GREETING=SILENCE) as there:
        email = Email(MailClient(Guard(there.hosts), deadline_s=0.5))
        post = Post("k", "x", T0, "b@example.org", {"smtp_url": there.url, "sender": "a@example.org"})
        http = HttpClient(Guard())
        outcomes = await asyncio.gather(*(email.post(post, http) for _ in range(AT_ONCE + 1)))
    assert {outcome.verdict for outcome in outcomes} == {V.NOT_SENT}
    assert sorted(outcome.wait_s or 0 for outcome in outcomes) == [0] * AT_ONCE + [5]
