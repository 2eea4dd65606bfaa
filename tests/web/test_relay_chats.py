"""Open chat: on the leader's page and on the board, where a platform has a link, and never a credential."""

from typing import Any

import httpx
from sqlalchemy import update
from sqlmodel import col

from app.domain.directory.tables import Group
from app.domain.relays.states import State
from tests.builders.board import Operator, key_of
from tests.builders.relays import Handed

LINK = "https://t.me/c/1234567890/1"


async def put_group(world: Handed, place: int, **values: Any) -> None:
    relay = await world.relay(place)
    async with world.db.write() as tx:
        await tx.run(update(Group).where(col(Group.id) == relay.group_id).values(**values))


async def test_a_chat_opens_from_the_leaders_page_and_from_the_board(client: httpx.AsyncClient, world: Handed) -> None:
    await put_group(world, 0, platform="telegram", address="-1001234567890")
    await put_group(world, 1, platform="wecom", address="…4f5a")
    for lang, words in (("zh", "打开群聊"), ("en", "Open chat")):
        page = (await client.get(f"/r/{world.token}", params={"lang": lang})).text
        assert page.count(f">{words}</a>") == 1
        assert f'href="{LINK}" target="_blank" rel="noopener noreferrer"' in page
    await world.put(0, state=State.MISSED)
    operator = Operator(client)
    await operator.sign_in(await key_of(world.db, world.center_id))
    for tab in ("/missed", "/relays"):
        page = await operator.page(f"/campaigns/{world.campaign_id}{tab}")
        assert page.count(f'href="{LINK}"') == 1, tab


async def test_a_link_that_cannot_be_trusted_is_no_link(client: httpx.AsyncClient, world: Handed) -> None:
    await put_group(world, 0, platform="manual", address="javascript:alert(1)")
    await put_group(world, 1, platform="slack", address="https://hooks.slack.com/services/T1/B1/secret")
    await put_group(world, 2, platform="manual", address="https://t.me/+AbCdEfGhIjKlMnOp")
    page = (await client.get(f"/r/{world.token}")).text
    assert 'class="button chat"' not in page
    assert not any(word in page for word in ("javascript:", "hooks.slack.com", "t.me"))
