"""The head's digest: one letter at a campaign's deadline, one in the morning about what is not done, never two."""

import pytest

from app.flows.sweep import sweep
from tests.words import without_secrets
from tests.world import World

HEAD = "5100"


async def seat(world: World, *, language: str | None = "zh", contact: str = f"telegram:{HEAD}") -> None:
    """A head for the center, whose clock is Shanghai's: at the story's beginning it is 17:00 there."""
    body = {"name": "总管", "contact": contact, **({"language": language} if language else {})}
    head = await world.call("POST", "/leaders", status=201, json=body)
    await world.call("PATCH", "/center", json={"timezone": "Asia/Shanghai", "head_id": head["id"]})


async def digests(world: World) -> list[str]:
    """The digests among the head's letters; he is also asked for what nobody did."""
    beginnings = ("「Storm warning」到截止时间了", "“Storm warning” has reached its deadline", "早上好", "Good morning")
    return [letter for letter in await world.letters(HEAD) if letter.startswith(beginnings)]


@pytest.fixture
async def told(world: World) -> World:
    await world.account("bot")
    wang = {"leader": "王芳", "leader_contact": "telegram:5001", "platform": "manual"}
    await world.groups(
        *({"group": name, **wang} for name in ("W1", "W2", "W3")), {"group": "孤群", "platform": "manual"}
    )
    return world


async def one_done(world: World) -> str:
    """A campaign of an hour in which W1 is done, and its deadline."""
    campaign = await world.launch()
    await world.forward(seconds=5, step=1)
    relays = await world.relays(campaign)
    await world.presses(await world.link("5001"), "done", relays["W1"]["id"])
    await world.forward(minutes=62, step=60)
    return campaign


async def test_at_the_deadline_the_head_hears_how_it_stands_once(told: World) -> None:
    await seat(told)
    campaign = await one_done(told)
    [letter] = await digests(told)
    assert letter.startswith("「Storm warning」到截止时间了。共 4 个群：已转发 1")
    assert "漏发 2" in letter
    assert "· W2（王芳）" in letter
    assert "W1" not in without_secrets(letter)
    assert "/r/" not in letter
    for _ in range(3):
        await sweep(told.kit)
    await told.forward(minutes=30, step=300)
    assert len(await digests(told)) == 1
    deliveries = (await told.call("GET", f"/campaigns/{campaign}/deliveries", params={"limit": 200}))["items"]
    assert [one["state"] for one in deliveries if one["kind"] == "digest"] == ["sent"]


async def test_in_the_morning_he_hears_of_what_is_not_done_and_only_then(told: World) -> None:
    await seat(told, language="en")
    await one_done(told)
    await told.forward(minutes=60 * 14, step=60 * 30)  # 08:00 is at midnight UTC; until then it is night
    letters = await digests(told)
    assert len(letters) == 2
    assert letters[0].startswith("“Storm warning” has reached its deadline. Of 4 groups: relayed 1, missed 2")
    assert letters[1].startswith("Good morning, 总管. These campaigns have groups that are not done:\n“Storm warning”:")
    assert "· W2 (总管)" in letters[1]  # by then nobody but he is left
    await told.forward(minutes=60 * 24, step=60 * 60)
    assert len(await digests(told)) == 2, "nothing new was missed: the second morning is silent"


async def test_a_morning_with_nothing_to_say_is_silent(told: World) -> None:
    await seat(told)
    await told.forward(minutes=60 * 24, step=60 * 60)
    assert await digests(told) == []


async def test_a_deadline_at_night_is_told_when_the_head_is_up(told: World) -> None:
    await seat(told)
    await told.forward(minutes=60 * 3 + 30, step=60 * 30)  # 20:30 in Shanghai
    await told.launch(relay_minutes=120)
    await told.forward(minutes=60 * 4, step=600)
    assert await digests(told) == []
    await told.forward(minutes=60 * 8, step=600)
    letters = await digests(told)
    assert ["到截止时间了" in letter for letter in letters].count(True) == 1
    assert ["早上好" in letter for letter in letters].count(True) == 1


async def test_a_head_nobody_can_write_to_and_a_center_without_one_stop_nothing(told: World) -> None:
    await one_done(told)
    await seat(told, contact="none")
    campaign = await one_done(told)
    await told.forward(minutes=60 * 16, step=60 * 60)
    assert await digests(told) == []
    assert (await told.campaign(campaign))["status"] == "finished"
