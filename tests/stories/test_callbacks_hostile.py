"""What comes in from outside may be anything, and breaks nothing."""

import asyncio
import json

import pytest

from tests.stories.callbacks import TELEGRAM, bring, group, made
from tests.world import World

HEADERS = {"X-Telegram-Bot-Api-Secret-Token": TELEGRAM["webhook_secret"]}
SPITEFUL = "nul \x00, half a pair \ud83d, a bell \x07 and 收到" + "x" * 5_000


def _update(number: object, **message: object) -> dict[str, object]:
    chat = {"id": -1001, "type": "supergroup"}
    whole = {"message_id": 1, "date": 1, "chat": chat, "from": {"id": 7}, **message}
    body = json.dumps({"update_id": number, "message": whole})
    return {"method": "POST", "path": "", "query": {}, "headers": HEADERS, "body": body}


@pytest.mark.parametrize(
    "update",
    [
        _update(1, text=SPITEFUL),
        _update(2, date=10**30),
        _update(3, date=-5, message_id=10**4000),
        _update(4, **{"from": {"id": SPITEFUL}}),
        _update(SPITEFUL, text="x"),
        _update(True, text="x"),
        _update(5, migrate_to_chat_id="somewhere else"),
        _update(6, chat={"id": SPITEFUL}, migrate_to_chat_id=-1),
        {"method": "POST", "path": "", "query": {"a": "\x00"}, "headers": HEADERS, "body": "[" * 50_000},
    ],
    ids=lambda update: update["body"][:40],
)
async def test_a_spiteful_update_is_taken_and_breaks_nothing(world: World, update: dict[str, object]) -> None:
    bot = await world.account("bot", secret=TELEGRAM)
    await world.groups({"group": "T1", "platform": "telegram", "address": "-1001", "account": "bot"})
    assert (await bring(world, "telegram", bot, update)).status_code == 200
    await world.work()
    events = (await world.call("GET", f"/accounts/{bot}/events"))["items"]
    assert all(one["handled_at"] for one in events)
    assert (await group(world, "T1"))["address"] == "-1001"


async def test_a_body_beyond_the_cap_is_refused_before_it_is_read(world: World) -> None:
    bot = await world.account("bot", secret=TELEGRAM)
    answer = await bring(world, "telegram", bot, _update(1, text="x" * 1_000_001))
    assert answer.status_code == 413


async def test_a_storm_of_replays_is_one_event(world: World) -> None:
    bot = await world.account("bot", secret=TELEGRAM)
    await world.groups({"group": "T1", "platform": "telegram", "address": "-1001", "account": "bot"})
    request = await made(world, "telegram", "said", secret=TELEGRAM, target="-1001", person="7", text="hi", number=5)
    answers = await asyncio.gather(*(bring(world, "telegram", bot, request) for _ in range(40)))
    assert {answer.status_code for answer in answers} == {200}
    await world.work()
    [event] = (await world.call("GET", f"/accounts/{bot}/events"))["items"]
    assert (event["matter"], event["outcome"], event["group"]) == ("said", "kept", "T1")


async def test_an_account_without_the_secret_hears_nothing(world: World) -> None:
    bot = await world.account("bot")
    assert (await bring(world, "telegram", bot, _update(1, text="x"))).status_code == 401
    assert (await bring(world, "telegram", bot, {**_update(1), "headers": {}})).status_code == 401
