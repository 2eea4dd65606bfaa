"""Each platform that tells something by itself is heard through the same door, with secrets that are optional."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from app.domain.inbox.tables import InboundEvent
from tests.channels.callers import AES
from tests.stories.callbacks import WEBHOOK, bring, group, made, tells
from tests.world import World

SECRETS = {
    "slack": {"bot_token": "xoxb-practice-of-the-story", "signing_secret": "8f742231b10e8888abcd99"},
    "feishu": {"app_id": "cli_1", "app_secret": "practice", "verification_token": "vt", "encrypt_key": "test key"},
    "matrix": {"access_token": "syt_story", "hs_token": "said-by-the-homeserver", "user_id": "@muster:a.example"},
    "webhook": WEBHOOK,
    "wecom": {
        "corp_id": "ww1436e0e65a779aee",
        "corp_secret": "practice",
        "agent_id": "1",
        "callback_token": "hJqcu3uJ9Tn2gXPmxx2w9kkCkCE2EPYo",
        "encoding_aes_key": AES,
    },
}
CHATS = {"slack": "C024BE91L", "feishu": "oc_84983ff6516d731e", "matrix": "!r:a.example"}
MOVED = {"slack": "C024BE92M", "matrix": "!s:a.example"}


async def _group(world: World, platform: str) -> tuple[str, str]:
    """An account of this platform, and the address of its one group."""
    account = await world.account("main", platform, secret=SECRETS[platform], base_url=world.platform)
    address = CHATS.get(platform) or world.webhook("h1")
    await world.groups({"group": "G1", "platform": platform, "address": address, "account": "main"})
    return account, address


@pytest.mark.parametrize("platform", [*CHATS, "webhook"])
async def test_a_group_is_known_to_be_lost_found_and_moved(world: World, platform: str) -> None:
    account, address = await _group(world, platform)
    facts: dict[str, Any] = {"secret": SECRETS[platform], "target": address}
    assert (await tells(world, account, platform, "removed", **facts)).status_code == 200
    assert (await group(world, "G1"))["health"] == "gone"
    world.clock.advance(timedelta(seconds=1))
    assert (await tells(world, account, platform, "added", **facts)).status_code == 200
    assert (await group(world, "G1"))["health"] == "sound"
    if platform in MOVED:
        await tells(world, account, platform, "moved", moved_to=MOVED[platform], **facts)
        assert (await group(world, "G1"))["address"] == MOVED[platform]


@pytest.mark.parametrize("platform", ["slack", "feishu", "wecom"])
async def test_an_address_is_proven_before_the_platform_uses_it(world: World, platform: str) -> None:
    account = await world.account("main", platform, secret=SECRETS[platform])
    request = await made(world, platform, "hello", secret=SECRETS[platform], number=4711)
    answer = await bring(world, platform, account, request)
    assert (answer.status_code, "4711" in answer.text) == (200, True)
    assert (await world.call("GET", f"/accounts/{account}/events"))["items"] == []


async def test_what_a_member_writes_to_a_wecom_app_is_kept_for_the_leader_he_is(world: World) -> None:
    account = await world.account("main", "wecom", secret=SECRETS["wecom"])
    await world.call("POST", "/leaders", status=201, json={"name": "Wang", "contact": "wecom:wang"})
    await tells(world, account, "wecom", "said", secret=SECRETS["wecom"], person="wang", text="收到 <b> & c")
    [event] = (await world.call("GET", f"/accounts/{account}/events"))["items"]
    assert (event["matter"], event["leader"], event["outcome"]) == ("said", "Wang", "kept")


async def test_a_group_of_another_account_is_none_of_its_business(world: World) -> None:
    await _group(world, "slack")
    other = await world.account("other", "slack", secret=SECRETS["slack"])
    await tells(world, other, "slack", "removed", secret=SECRETS["slack"], target=CHATS["slack"])
    assert (await group(world, "G1"))["health"] == "sound"
    [event] = (await world.call("GET", f"/accounts/{other}/events"))["items"]
    assert event["outcome"] == "no_group"


@pytest.mark.parametrize("platform", SECRETS)
async def test_no_secret_is_kept_or_logged(world: World, platform: str, capsys: pytest.CaptureFixture[str]) -> None:
    account = await world.account("main", platform, secret=SECRETS[platform])
    for forged in (False, True):
        facts = {"target": "https://a.example/C1", "person": "U1", "text": "hi", "forged": forged}
        await bring(world, platform, account, await made(world, platform, "said", secret=SECRETS[platform], **facts))
    await world.work()
    async with world.kit.db.read() as tx:
        kept = [event.model_dump() for event in await tx.all(select(InboundEvent))]
    said = f"{kept} {capsys.readouterr().out}"
    assert len(kept) == 1
    assert "callback_refused" in said
    assert [secret for secret in SECRETS[platform].values() if len(secret) > 4 and secret in said] == []
    assert "a.example/C1" not in said
