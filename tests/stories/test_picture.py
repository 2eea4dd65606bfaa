"""A campaign with a picture: it stands once in every group that can have it, with the words or before them."""

from collections import Counter
from typing import Any

import pytest

from app.cli.demo_chats import ACCOUNTS, rows
from tests.builders.images import JPEG, MARK, PNG, png, told, upload
from tests.world import World

WORDS = "明晚八点，广场见。"
ROBOT = "key-00000001"
BOT = "-1001"


async def _kept(world: World, content: bytes = PNG) -> str:
    kept = await world.call("POST", "/pictures", status=201, files=upload(content))
    return str(kept["id"])


async def _stands(world: World, target: str) -> list[tuple[str, bool]]:
    """Each message in a chat: its words, and whether it has the picture."""
    found = [one for one in await world.received() if one["target"] == target]
    return [(one["text"], one["picture"] == MARK) for one in found]


async def _groups(world: World) -> None:
    await world.account("bot")
    await world.groups(
        {"group": "R", "platform": "wecom", "address": world.wecom(ROBOT)},
        {"group": "T", "platform": "telegram", "address": BOT, "account": "bot"},
    )


async def test_the_picture_stands_once_in_each_platforms_own_way(world: World) -> None:
    await _groups(world)
    campaign = await world.launch(body=WORDS, picture=await _kept(world), mention_all=True)
    await world.forward(seconds=2, step=1)
    assert await _stands(world, ROBOT) == [("", True), (WORDS, False)]
    assert await _stands(world, BOT) == [(WORDS, True)]
    found = await world.campaign(campaign)
    assert (found["status"], found["counts"]["relayed"]) == ("finished", 2)
    assert (await world.call("GET", f"/relays/{(await world.relays(campaign))['R']['id']}"))["text"] == WORDS
    assert await world.violations() == 0


async def test_words_too_long_for_a_caption_come_after_the_picture(world: World) -> None:
    await _groups(world)
    await world.launch(body="长" * 1025, picture=await _kept(world), format="markdown")
    await world.forward(seconds=2, step=1)
    assert await _stands(world, BOT) == [("", True), ("长" * 1025, False)]


@pytest.mark.parametrize("outcome", ["sent", "not_sent"])
async def test_words_wait_while_nobody_knows_whether_their_picture_stands(world: World, outcome: str) -> None:
    await _groups(world)
    fault = "drop_after_accept" if outcome == "sent" else "reset"
    await world.sim.post("/_sim/faults", json={"platform": "wecom", "kind": fault})
    campaign = await world.launch(body=WORDS, picture=await _kept(world))
    await world.forward(minutes=1)
    assert await _stands(world, ROBOT) == ([("", True)] if outcome == "sent" else [])
    [unsure] = (await world.call("GET", f"/campaigns/{campaign}/deliveries", params={"state": "uncertain"}))["items"]
    await world.call("POST", f"/deliveries/{unsure['id']}/resolve", json={"outcome": outcome})
    await world.forward(minutes=1)
    assert await _stands(world, ROBOT) == [("", True), (WORDS, False)]
    assert (await world.campaign(campaign))["counts"]["relayed"] == 2


async def test_a_picture_is_kept_once_and_shown_to_its_own_center_alone(world: World) -> None:
    first, again = await _kept(world), await _kept(world)
    assert first == again
    shown = await world.api.get(f"/api/v1/pictures/{first}")
    assert (shown.content, shown.headers["content-type"]) == (PNG, "image/png")
    assert (await world.api.get(f"/api/v1/pictures/{await _kept(world, JPEG)}")).headers["content-type"] == "image/jpeg"
    await world.call("GET", "/pictures/pic_00000000000000000000000000", status=404)
    assert (await world.campaign(await world.draft(picture=first)))["picture"] == first


async def test_nobody_learns_from_a_picture_where_it_was_taken(world: World) -> None:
    kept = await _kept(world, told(place=b"31.2304N"))
    assert b"31.2304N" not in (await world.api.get(f"/api/v1/pictures/{kept}")).content


async def test_a_picture_that_no_campaign_names_goes_after_a_month(world: World) -> None:
    named, handed_in_again, left = await _kept(world), await _kept(world, JPEG), await _kept(world, told())
    await world.draft(picture=named)
    await world.forward(minutes=60 * 24 * 20, step=60 * 60 * 24 * 20)
    assert await _kept(world, JPEG) == handed_in_again
    await world.forward(minutes=60 * 24 * 11, step=60 * 60 * 24 * 11)
    await world.forward(minutes=60, step=60)
    for picture, status in ((named, 200), (handed_in_again, 200), (left, 404)):
        assert (await world.api.get(f"/api/v1/pictures/{picture}")).status_code == status
    body = {"title": "x", "body": "y", "relay_minutes": 60, "picture": left}
    await world.call("POST", "/campaigns", status=422, json=body, headers={"Idempotency-Key": "b"})


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 422, "not_a_picture"),
        (b"GIF89a", 422, "not_a_picture"),
        (PNG[:-9], 422, "not_a_picture"),
        (PNG + b"x" * 2_000_000, 422, "not_a_picture"),
        (png(5_001, 5_000), 422, "not_a_picture"),
        (PNG + b"x" * 2_200_000, 413, "too_large"),
    ],
)
async def test_what_is_no_picture_is_not_kept(world: World, content: bytes, status: int, code: str) -> None:
    refused: Any = await world.call("POST", "/pictures", status=status, files=upload(content))
    assert refused["code"] == code


async def test_a_campaign_cannot_name_a_picture_that_is_not_there(world: World) -> None:
    body = {"title": "x", "body": "y", "relay_minutes": 60, "picture": "pic_00000000000000000000000000"}
    headers = {"Idempotency-Key": "a"}
    refused = await world.call("POST", "/campaigns", status=422, json=body, headers=headers)
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("unknown_picture", "/picture")


async def test_the_preflight_says_where_no_picture_and_no_call_to_everyone_can_go(world: World) -> None:
    await world.account("bot")
    await world.groups(
        {"group": "R", "platform": "wecom", "address": world.wecom(ROBOT)},
        {"group": "T", "platform": "telegram", "address": BOT, "account": "bot"},
        {"group": "H", "platform": "webhook", "address": world.webhook("h"), "secret": "whsec_" + "A" * 32},
    )
    campaign = await world.draft(body=WORDS, picture=await _kept(world), mention_all=True)
    seen = await world.call("POST", f"/campaigns/{campaign}/preflight")
    said = {one["code"]: (one["message"], one["groups"]) for one in seen["warnings"]}
    assert said["no_picture"] == ("The platform takes no picture of an account; the text goes out alone (webhook).", 1)
    assert said["nobody_called"][0].endswith("(telegram, webhook).")
    assert said["nobody_called"][1] == 2
    assert sum(lane["posts"] for lane in seen["lanes"]) == 4


async def test_one_campaign_with_a_picture_goes_to_every_platform_each_in_its_own_way(world: World) -> None:
    for account in ACCOUNTS:
        made = {"secret": dict(account.secret), "base_url": world.platform}
        await world.account(account.name, account.platform, **made)
    names = {"群名称": "group", "平台": "platform", "群地址": "address", "发送账号": "account", "密钥": "secret"}
    chats = [{names[name]: value for name, value in row.items() if name in names} for row in rows(world.platform)]
    owner = {"leader": "Li", "leader_contact": "wecom:LiQiang"}
    await world.groups(*(chat | owner if chat["address"].startswith("wr") else chat for chat in chats))
    presses = {"platform": "wecom_customers", "target": "LiQiang", "persona": "prompt", "delay_s": 0}
    await world.sim.post("/_sim/leaders", json={"people": [presses]})
    campaign = await world.launch(body=WORDS, picture=await _kept(world), relay_minutes=120)
    await world.forward(minutes=5)
    found = await world.campaign(campaign)
    assert found["counts"]["relayed"] == found["groups"] == len(chats)
    stands = await world.received()
    assert Counter(one["platform"] for one in stands if one["picture"] == MARK) == Counter(
        {"telegram": 4, "wecom": 4, "feishu_app": 2, "slack": 1, "discord": 2, "matrix": 2, "mattermost": 1, "zulip": 1}
    )
    assert sum(one["text"] == WORDS for one in stands) == len(chats)
    assert await world.violations() == 0
