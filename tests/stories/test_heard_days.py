"""What people wrote in a group is kept by the message for a month, and counted by the day for a year."""

from datetime import timedelta
from typing import Any

from tests.stories.callbacks import TELEGRAM, bring, group, made, tells
from tests.world import World


async def _activity(world: World, days: int) -> tuple[int, int, list[tuple[str, int]]]:
    found = await world.call("GET", f"/groups/{(await group(world, 'T'))['id']}/activity", params={"days": days})
    return found["words"], found["people"], [(one["leader"], one["words"]) for one in found["leaders"]]


async def _events(world: World, bot: str) -> list[Any]:
    found = await world.call("GET", f"/accounts/{bot}/events")
    return [one["matter"] for one in found["items"]]


async def test_words_become_counts_and_the_counts_are_forgotten_too(world: World) -> None:
    bot = await world.account("bot", secret=TELEGRAM)
    row = {"group": "T", "platform": "telegram", "address": "-1001", "account": "bot"}
    await world.groups({**row, "leader": "Wang", "leader_contact": "telegram:700"})
    facts = {"secret": TELEGRAM, "target": "-1001"}
    await tells(world, bot, "telegram", "removed", number=1, **facts)
    old = await made(world, "telegram", "said", number=2, person="700", text="收到", **facts)
    await bring(world, "telegram", bot, old)
    await tells(world, bot, "telegram", "said", number=3, person="701", text="好", **facts)
    world.clock.advance(timedelta(days=1))
    await tells(world, bot, "telegram", "said", number=4, person="700", text="已发", **facts)
    assert await _activity(world, 30) == (3, 2, [("Wang", 2)])
    assert len(await _events(world, bot)) == 4
    world.clock.advance(timedelta(days=29, hours=12))
    await world.work()
    assert await _events(world, bot) == ["said"]
    assert await _activity(world, 60) == (3, 2, [("Wang", 2)])
    world.clock.advance(timedelta(days=5))
    await world.work()
    assert await _events(world, bot) == []
    assert await _activity(world, 60) == (3, 2, [("Wang", 2)])
    assert await _activity(world, 30) == (0, 0, [])
    assert (await bring(world, "telegram", bot, old)).status_code == 200
    await world.work()
    assert (await _events(world, bot), await _activity(world, 60)) == ([], (3, 2, [("Wang", 2)]))
    world.clock.advance(timedelta(days=370))
    await tells(world, bot, "telegram", "said", number=5, person="702", text="在", **facts)
    world.clock.advance(timedelta(days=31))
    await world.work()
    assert await _activity(world, 366) == (1, 1, [])
