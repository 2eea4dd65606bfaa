"""What stands over time: a leader's record month by month, all leaders in order, and what reached one group."""

from typing import Any

import pytest

from tests.world import World


@pytest.fixture
async def two(world: World) -> World:
    """Wang has three groups, Li one; both can be written to."""
    await world.account("bot")
    wang = {"leader": "王芳", "leader_contact": "telegram:5001", "platform": "manual"}
    await world.groups(
        *({"group": name, **wang} for name in ("W1", "W2", "W3")),
        {"group": "L1", "platform": "manual", "leader": "李强", "leader_contact": "telegram:5002"},
    )
    return world


async def relay_it(world: World, *, words: dict[str, str], minutes: float = 10, late: tuple[str, ...] = ()) -> str:
    """One campaign in which each group hears this word after some minutes, or, if late, after the deadline."""
    campaign = await world.launch()
    await world.forward(seconds=5, step=1)
    links = {"W": await world.link("5001"), "L": await world.link("5002")}
    await world.forward(minutes=minutes, step=300)
    relays = await world.relays(campaign)
    for group, word in words.items():
        if group not in late:
            await world.presses(links[group[0]], word, relays[group]["id"])
    await world.forward(minutes=70, step=300)
    for group in late:
        await world.presses(links[group[0]], words[group], relays[group]["id"])
    return campaign


async def leader(world: World, name: str) -> str:
    found = await world.call("GET", "/leaders", params={"q": name})
    return str(found["items"][0]["id"])


def some(record: dict[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(record[name] for name in names)


async def test_a_record_tells_what_became_of_every_hand_off(two: World) -> None:
    await relay_it(two, words={"W1": "done", "W2": "done", "L1": "done"}, late=("W2",))
    await two.forward(minutes=60 * 24 * 31, step=60 * 60 * 24)
    await relay_it(two, words={"W1": "done", "W2": "cannot", "W3": "done", "L1": "done"})
    wang = await leader(two, "王芳")
    record = await two.call("GET", f"/leaders/{wang}/record")
    assert some(record, "leader", "hand_offs", "groups") == ("王芳", 6, 3)
    assert some(record, "on_time", "late", "missed", "declined", "open") == (3, 1, 1, 1, 0)
    assert record["reliability"] == 0.5
    assert record["nudges"] >= 2  # W2 and W3 were still open at half time of the first campaign
    assert 9 < record["median_minutes"] < 12
    assert [(month["month"], month["on_time"], month["missed"]) for month in record["months"]] == [
        ("2026-03", 1, 1),
        ("2026-04", 2, 0),
    ]
    since = await two.call("GET", f"/leaders/{wang}/record", params={"since": "2026-04-01T00:00:00Z"})
    assert some(since, "hand_offs", "on_time", "declined") == (3, 2, 1)


async def test_a_streak_ends_with_the_first_thing_that_went_wrong(two: World) -> None:
    fine = {"W1": "done", "W2": "done", "W3": "done", "L1": "done"}
    for words in (fine, {**fine, "W3": "cannot"}, fine, fine):
        await relay_it(two, words=words)
    await two.launch()
    await two.forward(seconds=5, step=1)
    assert (await two.call("GET", f"/leaders/{await leader(two, '王芳')}/record"))["streak"] == 2
    assert (await two.call("GET", f"/leaders/{await leader(two, '李强')}/record"))["streak"] == 4


async def test_what_was_passed_on_is_judged_for_everybody_who_had_it(world: World) -> None:
    await world.account("bot")
    await world.groups(
        *(
            {
                "group": name,
                "platform": "manual",
                "leader": "王芳",
                "leader_contact": "telegram:5001",
                "deputies": "李强",
            }
            for name in ("W1", "W2")
        ),
        {"group": "L1", "platform": "manual", "leader": "李强", "leader_contact": "telegram:5002"},
    )
    campaign = await world.launch()
    await world.forward(minutes=62, step=60)
    relays = await world.relays(campaign)
    await world.presses(await world.link("5002"), "done", relays["W1"]["id"])
    silent = await world.call("GET", f"/leaders/{await leader(world, '王芳')}/record")
    assert some(silent, "hand_offs", "on_time", "missed") == (2, 0, 2)
    deputy = await world.call("GET", f"/leaders/{await leader(world, '李强')}/record")
    assert some(deputy, "hand_offs", "on_time", "late") == (3, 1, 0)  # he stepped in after the deadline: not late
    order = (await world.call("GET", "/leaders/records"))["items"]
    assert [some(one, "leader", "hand_offs", "missed") for one in order][1] == ("王芳", 2, 2)


async def test_the_leaders_stand_in_order_page_by_page(two: World) -> None:
    await relay_it(two, words={"W1": "done", "L1": "done"})
    page = await two.call("GET", "/leaders/records", params={"limit": 1})
    assert [some(one, "leader", "on_time", "missed", "reliability") for one in page["items"]] == [("李强", 1, 0, 1.0)]
    rest = await two.call("GET", "/leaders/records", params={"limit": 1, "cursor": page["next_cursor"]})
    assert [some(one, "leader", "on_time", "missed") for one in rest["items"]] == [("王芳", 1, 2)]
    assert rest["next_cursor"] is None
    worst = await two.call("GET", "/leaders/records", params={"worst": "true"})
    assert [one["leader"] for one in worst["items"]] == ["王芳", "李强"]
    before = await two.call("GET", "/leaders/records", params={"until": "2026-01-01T00:00:00Z"})
    assert before["items"] == []


async def test_a_group_remembers_its_campaigns_the_newest_first(two: World) -> None:
    first = await relay_it(two, words={"W1": "done"}, late=("W1",))
    second = await relay_it(two, words={"W1": "cannot"})
    found = await two.call("GET", "/groups", params={"q": "W1"})
    group = found["items"][0]["id"]
    page = await two.call("GET", f"/groups/{group}/history", params={"limit": 1})
    assert [some(one, "campaign_id", "state", "leader") for one in page["items"]] == [(second, "failed", "王芳")]
    rest = await two.call("GET", f"/groups/{group}/history", params={"cursor": page["next_cursor"]})
    assert [some(one, "campaign_id", "state", "via", "late", "evidence") for one in rest["items"]] == [
        (first, "relayed", "leader", True, "self_reported")
    ]


async def test_strange_spans_and_strangers_are_told(two: World) -> None:
    wang = await leader(two, "王芳")
    backwards = {"since": "2026-04-01T00:00:00Z", "until": "2026-03-01T00:00:00Z"}
    problem = await two.call("GET", f"/leaders/{wang}/record", params=backwards, status=422)
    assert [each["pointer"] for each in problem["errors"]] == ["/query/until"]
    await two.call("GET", "/leaders/records", params={"cursor": "bm9uZQ"}, status=422)
    await two.call("GET", "/leaders/ldr_00000000000000000000000000/record", status=404)
    await two.call("GET", "/groups/grp_00000000000000000000000000/history", status=404)
