"""The real adapters and the practice platform understand each other, though they share no line of code."""

import asyncio

import pytest

from app.channels.port import Checks, Credential, Outcome, Post, Posted, Recalls, Verdict
from app.channels.registry import channels
from app.core.addresses import Guard
from app.core.http import HttpClient
from app.core.limits import Scope
from tests.conftest import T0
from tests.simulator.conftest import Sim

V = Verdict
SLACK = "T024BE7LD/B024BE7LH/abcDEF123"
ADDRESS = {
    "telegram": "-1001",
    "wecom": "robot-0001",
    "webhook": "{base}/webhook/in",
    "slack": f"{{base}}/services/{SLACK}",
    "slack_app": "C024BE91L",
    "discord": "{base}/api/webhooks/112233445566778899/abc-DEF_123",
    "discord_bot": "197038439483310086",
}
TARGET = {**ADDRESS, "webhook": "in", "slack": SLACK, "discord": "112233445566778899"}
TOKEN = {"slack_app": "xoxb-1-2-abc", "discord_bot": "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs"}
TAKES_BACK = ("slack_app", "discord", "discord_bot")
TELLS = ("slack_app", "discord_bot")


def _spoken(name: str) -> str:
    """The platform whose protocol a channel speaks."""
    return channels()[name].platform


def _secret(name: str) -> dict[str, str]:
    return {"bot_token": TOKEN.get(name, "1:a")}


def _address(sim: Sim, name: str) -> str:
    return ADDRESS[name].replace("{base}", sim.base)


async def _post(sim: Sim, name: str, text: str = "集合", *, mention_all: bool = False) -> Outcome:
    http = HttpClient(Guard(frozenset({"127.0.0.1"})))
    post = Post(
        key="dlv_1",
        text=text,
        at=T0,
        address=_address(sim, name),
        secret=_secret(name),
        base_url=sim.base,
        mention_all=mention_all,
    )
    try:
        return await channels()[name].post(post, http)
    finally:
        await http.close()


async def _recall(sim: Sim, name: str, message_id: str) -> Outcome:
    channel, http = channels()[name], HttpClient(Guard(frozenset({"127.0.0.1"})))
    assert isinstance(channel, Recalls)
    try:
        return await channel.recall(Posted(message_id, T0, _address(sim, name), _secret(name), sim.base), http)
    finally:
        await http.close()


async def _works(sim: Sim, name: str) -> bool | None:
    channel, http = channels()[name], HttpClient(Guard(frozenset({"127.0.0.1"})))
    assert isinstance(channel, Checks)
    try:
        return (await channel.check(Credential(T0, _secret(name), sim.base), http)).works
    finally:
        await http.close()


def test_every_channel_meets_its_platform() -> None:
    assert set(ADDRESS) == set(channels())


@pytest.mark.parametrize("name", ADDRESS)
@pytest.mark.parametrize(
    ("kind", "verdicts"),
    [
        (None, {V.SENT}),
        ("drop_after_accept", {V.AMBIGUOUS}),
        ("reset", {V.AMBIGUOUS}),
        ("http_500", {V.AMBIGUOUS}),
        ("http_502", {V.AMBIGUOUS}),
        ("html_200", {V.AMBIGUOUS, V.SENT}),
        ("throttle", {V.THROTTLED}),
        ("credential_refused", {V.CREDENTIAL_REFUSED, V.TARGET_GONE}),
    ],
)
async def test_a_fault_is_understood(sim: Sim, name: str, kind: str | None, verdicts: set[Verdict]) -> None:
    if kind:
        await sim.control("faults", platform=_spoken(name), kind=kind, retry_after=9)
    outcome = await _post(sim, name)
    assert outcome.verdict in verdicts, outcome
    if outcome.verdict is V.THROTTLED:
        assert outcome.wait_s == (60 if name == "wecom" else 9)


@pytest.mark.parametrize("name", ADDRESS)
@pytest.mark.parametrize("state", ["kicked", "blocked", "deleted", "unknown"])
async def test_a_closed_chat_is_gone(sim: Sim, name: str, state: str) -> None:
    await sim.control("targets", platform=_spoken(name), target=TARGET[name], state=state)
    assert (await _post(sim, name)).verdict is V.TARGET_GONE


async def test_an_upgraded_group_is_found_again(sim: Sim) -> None:
    await sim.control("targets", platform="telegram", target="-1001", state="migrated", migrate_to=-1009)
    outcome = await _post(sim, "telegram")
    assert (outcome.verdict, outcome.moved_to) == (V.MOVED, "-1009")


async def test_a_text_that_is_too_long_is_refused_as_such(sim: Sim) -> None:
    for name in ("telegram", "wecom", "discord", "discord_bot"):
        assert (await _post(sim, name, "字" * 5000)).verdict is V.CONTENT_REFUSED
    assert (await _post(sim, "slack_app", "字" * 40_001)).verdict is V.CONTENT_REFUSED


@pytest.mark.parametrize("name", ["webhook", "discord_bot"])
async def test_repeating_a_key_posts_once(sim: Sim, name: str) -> None:
    await sim.control("faults", platform=_spoken(name), kind="drop_after_accept")
    assert (await _post(sim, name)).verdict is V.AMBIGUOUS
    assert (await _post(sim, name)).verdict is V.SENT
    assert [(receipt["accepted"], receipt["duplicate"]) for receipt in await sim.receipts()] == [
        (True, False),
        (False, True),
    ]


@pytest.mark.parametrize("name", ["slack", "slack_app", "discord", "discord_bot"])
async def test_only_the_wish_to_call_everyone_calls_anyone(sim: Sim, name: str) -> None:
    text = "<!channel> <!here> <@U024BE7LH> @everyone @here <@42> <@&42> &lt;!channel&gt; & <b>"
    assert (await _post(sim, name, text)).verdict is V.SENT
    await sim.forward(10)
    http = HttpClient(Guard(frozenset({"127.0.0.1"})))
    post = Post("dlv_2", text, T0, _address(sim, name), _secret(name), sim.base, mention_all=True)
    assert (await channels()[name].post(post, http)).verdict is V.SENT
    await http.close()
    plain, loud = await sim.receipts()
    assert plain["text"] == text
    assert plain["answer"].endswith("called nobody")
    assert loud["text"].endswith(f"\n{text}")
    assert loud["answer"].endswith(("called everyone", "called someone"))


@pytest.mark.parametrize("name", TAKES_BACK)
async def test_what_was_posted_is_taken_back_once_and_stays_so(sim: Sim, name: str) -> None:
    number = str((await _post(sim, name)).message_id)
    assert [(await _recall(sim, name, number)).verdict for _ in range(2)] == [V.SENT, V.SENT]
    await sim.control("targets", platform=_spoken(name), target=TARGET[name], state="unknown")
    assert (await _recall(sim, name, number)).verdict is V.TARGET_GONE


async def test_a_message_to_a_person_is_taken_back_from_the_conversation(sim: Sim) -> None:
    channel, http = channels()["slack_app"], HttpClient(Guard(frozenset({"127.0.0.1"})))
    assert isinstance(channel, Recalls)
    sent = await channel.post(Post("k", "hi", T0, "U024BE7LH", _secret("slack_app"), sim.base), http)
    assert str(sent.message_id).startswith("D024BE7LH:")
    posted = Posted(str(sent.message_id), T0, "U024BE7LH", _secret("slack_app"), sim.base)
    first, again = [await channel.recall(posted, http) for _ in range(2)]
    await http.close()
    assert (first.code, again.code) == ("ok", "message_not_found")


@pytest.mark.parametrize("name", TELLS)
async def test_a_credential_is_known_until_it_is_withdrawn(sim: Sim, name: str) -> None:
    assert await _works(sim, name) is True
    await sim.control("targets", platform=_spoken(name), credential=TOKEN[name], dead=True)
    assert await _works(sim, name) is False
    assert not await sim.receipts()


async def test_a_limit_says_how_far_it_reaches(sim: Sim) -> None:
    """The same webhook, then its channel, then the whole address."""
    for _ in range(5):
        assert (await _post(sim, "discord")).verdict is V.SENT
    assert (await _post(sim, "discord")).scope is Scope.CHAT
    http = HttpClient(Guard(frozenset({"127.0.0.1"})))
    posts = [Post("k", "hi", T0, f"{sim.base}/api/webhooks/{number}/abc", {}, sim.base) for number in range(1000, 1200)]
    outcomes = await asyncio.gather(*(channels()["discord"].post(post, http) for post in posts))
    await http.close()
    assert {outcome.verdict for outcome in outcomes} == {V.SENT, V.THROTTLED}
    assert {outcome.scope for outcome in outcomes if outcome.verdict is V.THROTTLED} == {Scope.PLATFORM}
