"""A Discord bot: every answer of its fact sheet, its key, what it takes back, and who it is."""

import json
from dataclasses import replace

import pytest

from app.channels.adapters.discord_bot import DiscordBot
from app.channels.port import Post, Scope, Verdict
from app.core.addresses import Guard
from app.core.http import HttpClient
from tests.channels.discord_answers import BROKEN, CONTENT, GONE, LATER, MESSAGE, no, ok, slow_answers
from tests.channels.harness import CANARY, Answer, Bench, as_expected, holds_no_secret
from tests.channels.platform import answer, platform, reset
from tests.conftest import T0

V = Verdict
CHANNEL = "197038439483310086"
TOKEN = f"MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.{CANARY}"

CREDENTIAL = (
    no(401, 0, V.CREDENTIAL_REFUSED, "401: Unauthorized"),
    no(401, 40001, V.CREDENTIAL_REFUSED),
    no(403, 40002, V.CREDENTIAL_REFUSED),
    no(401, 40012, V.CREDENTIAL_REFUSED),
    no(401, 50014, V.CREDENTIAL_REFUSED),
    no(401, 50025, V.CREDENTIAL_REFUSED),
)
ECHO = no(400, 0, V.CONTENT_REFUSED, f"no {TOKEN} here")

ANSWERS = (
    Answer("sent", 200, ok(channel_id=CHANNEL), V.SENT, message_id=MESSAGE),
    Answer("sent, no channel named", 200, f'{{"id":"{MESSAGE}"}}', V.SENT, message_id=MESSAGE),
    Answer("yes for another channel", 200, ok(channel_id="42"), V.AMBIGUOUS),
    Answer("yes with a number as the id", 200, ok(id=42), V.AMBIGUOUS),
    Answer("no content", 204, "", V.AMBIGUOUS),
    *GONE,
    *CREDENTIAL,
    *CONTENT,
    *LATER,
    no(404, 10008, V.AMBIGUOUS, "Unknown Message"),
    *slow_answers(Scope.ACCOUNT),
    *BROKEN,
    ECHO,
)

BENCH = Bench(DiscordBot(), CHANNEL, {"bot_token": TOKEN}, ANSWERS, ANSWERS[0])

DELETED = (
    Answer("deleted", 204, "", V.SENT),
    no(404, 10008, V.SENT, "Unknown Message"),
    *GONE,
    *CREDENTIAL,
    *LATER,
    *slow_answers(Scope.ACCOUNT),
    *BROKEN,
    ECHO,
)
ME = json.dumps({"id": "80351110224678912", "username": "herald", "bot": True})


async def test_the_words_are_sent_with_a_key_and_call_nobody() -> None:
    _, there = await BENCH.say(BENCH.good.act)
    (heard,) = there.heard
    assert (heard.method, heard.path) == ("POST", f"/api/v10/channels/{CHANNEL}/messages")
    assert heard.headers["authorization"] == f"Bot {TOKEN}"
    assert heard.headers["user-agent"].startswith("DiscordBot (https://")
    said = heard.json
    assert len(str(said.pop("nonce"))) == 25
    assert said == {
        "content": "集合：周六 9 点 🎉 <b>&amp;",
        "allowed_mentions": {"parse": []},
        "flags": 4,
        "enforce_nonce": True,
    }


async def test_the_same_key_is_the_same_nonce_and_another_is_not() -> None:
    async with platform(BENCH.good.act) as there:
        http = HttpClient(Guard(there.hosts))
        for key, text in (("dlv_1", "a"), ("dlv_1", "a"), ("dlv_2", "a")):
            await DiscordBot().post(replace(BENCH.post(there), key=key, text=text), http)
        await http.close()
    first, again, other = (heard.json["nonce"] for heard in there.heard)
    assert first == again != other


async def test_everyone_is_called_only_when_that_is_wanted() -> None:
    async with platform(BENCH.good.act) as there:
        http = HttpClient(Guard(there.hosts))
        await DiscordBot().post(replace(BENCH.post(there), text="@here", mention_all=True), http)
        await http.close()
    assert there.heard[0].json["content"] == "@everyone\n@here"
    assert there.heard[0].json["allowed_mentions"] == {"parse": ["everyone"]}


@pytest.mark.parametrize("token", ["", "two words", "line\nend", "密钥"])
async def test_without_a_token_that_can_be_sent_nothing_is_said(token: str) -> None:
    async with platform(BENCH.good.act) as there:
        http = HttpClient(Guard(there.hosts))
        outcome = await DiscordBot().post(Post("k", "hi", T0, CHANNEL, {"bot_token": token}, there.base), http)
        await http.close()
    assert outcome.verdict is V.CREDENTIAL_REFUSED
    checked, nobody = await BENCH.ask_after(answer(200, {}, ME.encode()), {"bot_token": token})
    assert checked.works is False
    assert there.connections == nobody.connections == 0


async def test_an_address_cannot_lead_to_another_path() -> None:
    bench = replace(BENCH, address="../../x?y#z")
    outcome, there = await bench.say(BENCH.good.act)
    recalled, nobody = await bench.take_back(DELETED[0].act, MESSAGE)
    assert outcome.verdict is recalled.verdict is V.TARGET_GONE
    assert there.connections == nobody.connections == 0


async def test_a_message_is_taken_back_where_it_stands() -> None:
    _, there = await BENCH.take_back(DELETED[0].act, MESSAGE)
    (heard,) = there.heard
    assert (heard.method, heard.path) == ("DELETE", f"/api/v10/channels/{CHANNEL}/messages/{MESSAGE}")
    assert heard.headers["authorization"] == f"Bot {TOKEN}"


@pytest.mark.parametrize("row", DELETED, ids=str)
async def test_the_answer_to_a_recall_is_understood(row: Answer) -> None:
    outcome, there = await BENCH.take_back(row.act, MESSAGE)
    assert as_expected(outcome, row), outcome
    assert len(there.heard) == 1
    assert holds_no_secret(outcome, BENCH)
    assert "posted" not in outcome.detail


@pytest.mark.parametrize("number", ["", "0", "@me", "../x"])
async def test_an_id_that_is_none_of_discords_is_not_asked_for(number: str) -> None:
    outcome, there = await BENCH.take_back(DELETED[0].act, number)
    assert outcome.verdict is V.CONTENT_REFUSED
    assert there.connections == 0


async def test_the_bot_is_asked_who_it_is() -> None:
    checked, there = await BENCH.ask_after(answer(200, {}, ME.encode()))
    assert checked.works is True
    assert checked.detail == "Discord knows this bot as herald."
    (heard,) = there.heard
    assert (heard.method, heard.path) == ("GET", "/api/v10/users/@me")
    assert heard.headers["authorization"] == f"Bot {TOKEN}"


@pytest.mark.parametrize("row", [*CREDENTIAL, *GONE, *LATER, *slow_answers(Scope.ACCOUNT), *BROKEN], ids=str)
async def test_only_discords_own_word_makes_a_token_bad(row: Answer) -> None:
    checked, _ = await BENCH.ask_after(row.act)
    assert checked.works is (False if row in CREDENTIAL else None)
    assert checked.detail.endswith(("…", "."))
    assert holds_no_secret(checked, BENCH)


async def test_a_question_that_nobody_answers_tells_nothing() -> None:
    checked, _ = await BENCH.ask_after(reset)
    assert (checked.works, checked.code) == (None, "line_lost")


async def test_a_name_that_holds_the_token_is_not_repeated() -> None:
    checked, _ = await BENCH.ask_after(answer(200, {}, ME.replace("herald", TOKEN).encode()))
    assert checked.works is True
    assert holds_no_secret(checked, BENCH)


@pytest.mark.parametrize("address", [CHANNEL, "1"])
def test_a_channel_is_its_id(address: str) -> None:
    assert DiscordBot().address_problem(address) is None


@pytest.mark.parametrize("address", ["", "0", "-5", "#general", "１２３", "1" * 21, "https://discord.com/channels/1/2"])
def test_anything_else_is_explained(address: str) -> None:
    problem = DiscordBot().address_problem(address)
    assert problem is not None
    assert CHANNEL in problem
