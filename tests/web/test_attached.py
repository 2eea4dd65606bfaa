"""A campaign's picture on the pages: chosen in the form, seen by whoever agrees, saved by the leader on his phone."""

import re

import httpx
import pytest
from sqlalchemy import update
from sqlmodel import col, select

from app.core.db import Database
from app.domain.access.states import Role
from app.domain.campaigns.states import State
from app.domain.campaigns.tables import Campaign
from app.domain.pictures import service as pictures
from tests.builders.board import HTML, Operator, key_of
from tests.builders.images import PNG
from tests.builders.relays import Handed

GOOD = {"key": "once", "title": "停水通知", "body": "【通知】周六停水。", "minutes": "90"}


@pytest.fixture
async def operator(client: httpx.AsyncClient, world: Handed) -> Operator:
    found = Operator(client)
    await found.sign_in(await key_of(world.db, world.center_id, Role.OPERATOR))
    return found


async def sends(operator: Operator, path: str, content: bytes, **fields: str) -> httpx.Response:
    files = {"picture_file": ("海报.png", content, "image/png")}
    return await operator.client.post(
        path, data={"form_token": operator.form_token, **fields}, files=files, headers=HTML
    )


async def test_a_picture_chosen_in_the_form_stays_with_it_and_is_seen_before_the_launch(
    operator: Operator, db: Database
) -> None:
    looked = await sends(operator, "/campaigns/new/preview", PNG, **GOOD)
    [kept] = re.findall(r'name="picture" value="(pic_[0-9a-z]+)"', looked.text)
    assert f'<img class="attached" src="/pictures/{kept}"' in looked.text
    assert (await operator.look(f"/pictures/{kept}")).content == PNG
    saved = await operator.press("/campaigns", **GOOD, picture=kept)
    assert f'src="/pictures/{kept}"' in await operator.page(saved.headers["location"])
    async with db.read() as tx:
        made = await tx.first(select(Campaign).where(Campaign.state == State.DRAFT))
    assert made is not None
    assert made.picture_id == kept


async def test_a_picture_sent_with_the_form_itself_is_kept_and_can_be_left_out(operator: Operator) -> None:
    saved = await sends(operator, "/campaigns", PNG, **GOOD)
    assert 'class="attached"' in await operator.page(saved.headers["location"])
    kept = re.findall(r"/pictures/(pic_[0-9a-z]+)", await operator.page(saved.headers["location"]))[0]
    without = await operator.press("/campaigns/new/preview", **GOOD, picture=kept, no_picture="on")
    assert 'class="attached"' not in without.text


@pytest.mark.parametrize("content", [b"GIF89a", PNG + b"x" * 2_000_000])
async def test_what_is_no_picture_is_said_beside_its_field(operator: Operator, content: bytes) -> None:
    refused = await sends(operator, "/campaigns", content, **GOOD)
    assert refused.status_code == 422
    assert "请选一张完整的 PNG 或 JPEG 图片" in refused.text
    unknown = await operator.press("/campaigns", **GOOD, picture="pic_00000000000000000000000000")
    assert "请选一张完整的 PNG 或 JPEG 图片" in unknown.text


async def test_a_leader_sees_the_picture_and_how_to_save_it(client: httpx.AsyncClient, world: Handed) -> None:
    before = await client.get(f"/r/{world.token}/picture")
    assert (before.status_code, 'class="attached"' in (await client.get(f"/r/{world.token}")).text) == (404, False)
    image = await pictures.bare(PNG, pointer="/file")
    async with world.db.write() as tx:
        kept = await pictures.keep(tx, world.center_id, image, actor="test")
        await tx.run(update(Campaign).where(col(Campaign.id) == world.campaign_id).values(picture_id=kept))
    page = await client.get(f"/r/{world.token}")
    assert f'<img src="/r/{world.token}/picture"' in page.text
    assert "先发图，再发文字" in page.text
    shown = await client.get(f"/r/{world.token}/picture")
    assert (shown.content, shown.headers["content-type"]) == (PNG, "image/png")
    assert (await client.get("/r/nobody/picture")).status_code == 404
    assert (await client.get(f"/hooks/ack/{world.token}")).json()["campaign"]["picture"] is True
