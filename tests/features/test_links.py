"""A relay link opens for whoever holds the whole token, and for nobody else."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.core.clock import ManualClock
from app.core.db import Database
from app.domain.links import service
from app.domain.links.rules import Holder, Key, Opened, live, trimmed
from app.domain.links.tables import RelayLink
from tests.builders import relays as build
from tests.conftest import T0


async def _world(db: Database) -> tuple[str, str, str]:
    center_id = await build.center(db)
    return center_id, await build.campaign(db, center_id), await build.leader(db, center_id)


async def _opens(db: Database, text: str) -> RelayLink | None:
    async with db.read() as tx:
        return await service.open_link(tx, text)


async def test_a_minted_link_opens_and_speaks_for_its_leader(db: Database) -> None:
    center_id, campaign_id, leader_id = await _world(db)
    token = await build.link(db, center_id, campaign_id=campaign_id, leader_id=leader_id)
    link = await _opens(db, token)
    assert link is not None
    assert (link.center_id, link.campaign_id, link.leader_id) == (center_id, campaign_id, leader_id)


async def test_the_database_never_holds_the_secret(db: Database) -> None:
    center_id, campaign_id, leader_id = await _world(db)
    token = await build.link(db, center_id, campaign_id=campaign_id, leader_id=leader_id)
    async with db.read() as tx:
        [row] = await tx.all(select(RelayLink))
    assert token.split("_")[2] not in repr(row)
    assert len(row.digest) == 64


async def test_many_links_of_one_leader_live_side_by_side(db: Database) -> None:
    center_id, campaign_id, leader_id = await _world(db)
    tokens = [await build.link(db, center_id, campaign_id=campaign_id, leader_id=leader_id) for _ in range(3)]
    assert all([await _opens(db, token) for token in tokens])


@pytest.mark.parametrize(
    "glued", [")", ".", "，", "。", ">", "、请尽快转发", "」", "!", "*", "_", "\n", " ", "%", "）。"]
)
async def test_what_a_chat_program_glues_to_a_link_does_no_harm(db: Database, glued: str) -> None:
    center_id, campaign_id, leader_id = await _world(db)
    token = await build.link(db, center_id, campaign_id=campaign_id, leader_id=leader_id)
    assert await _opens(db, token + glued) is not None


async def test_every_single_changed_character_makes_it_another_token(db: Database) -> None:
    center_id, campaign_id, leader_id = await _world(db)
    token = await build.link(db, center_id, campaign_id=campaign_id, leader_id=leader_id)
    forged = [token[:at] + ("a" if token[at] != "a" else "b") + token[at + 1 :] for at in range(len(token))]
    forged += [token[:-1], token + "x", token.upper(), token.replace("rl_", "mk_"), token[1:], "x" + token, ""]
    forged += [token[:20] + "." + token[21:], token + "9", "\x00" + token, "rl_" + "\ud800" * 56]
    assert [text for text in forged if await _opens(db, text)] == []


async def test_a_link_closes_at_its_hour_and_not_before(db: Database, clock: ManualClock) -> None:
    center_id, campaign_id, leader_id = await _world(db)
    token = await build.link(db, center_id, campaign_id=campaign_id, leader_id=leader_id, hours=1)
    clock.advance(timedelta(minutes=59, seconds=59))
    assert await _opens(db, token) is not None
    clock.advance(timedelta(seconds=1))
    assert await _opens(db, token) is None


async def test_revoking_withdraws_one_leaders_links_in_one_campaign_only(db: Database) -> None:
    center_id, campaign_id, leader_id = await _world(db)
    other_campaign, other_leader = await build.campaign(db, center_id), await build.leader(db, center_id, "王强")
    mine = [await build.link(db, center_id, campaign_id=campaign_id, leader_id=leader_id) for _ in range(2)]
    others = [
        await build.link(db, center_id, campaign_id=campaign_id, leader_id=other_leader),
        await build.link(db, center_id, campaign_id=other_campaign, leader_id=leader_id),
    ]
    async with db.write() as tx:
        assert await service.revoke(tx, campaign_id, leader_id) == 2
    async with db.write() as tx:
        assert await service.revoke(tx, campaign_id, leader_id) == 0
    assert [await _opens(db, token) for token in mine] == [None, None]
    assert all([await _opens(db, token) for token in others])


async def test_what_a_key_opened_stays_open_until_its_link_or_its_phone_is_withdrawn(
    db: Database, clock: ManualClock
) -> None:
    center_id, campaign_id, leader_id = await _world(db)
    token = await build.link(db, center_id, campaign_id=campaign_id, leader_id=leader_id, hours=2)
    async with db.write() as tx:
        shared = await service.share(tx, center_id, campaign_id, expires_at=T0 + timedelta(hours=1))
        phones = [await service.enrol(tx, center_id, leader_id) for _ in range(2)]
        keys = [Key(token), *(Key(shared.text, phone.text) for phone in phones)]
        own, *by_phone = (await service.open_keys(tx, keys)).values()
    assert await _still(db, own, *by_phone) == [own, *by_phone]
    clock.advance(timedelta(hours=1))
    assert await _still(db, own, *by_phone) == [own]
    clock.advance(timedelta(minutes=-1))
    async with db.write() as tx:
        await service.revoke(tx, campaign_id, leader_id)
    assert await _still(db, own, *by_phone) == by_phone
    async with db.write() as tx:
        await service.revoke_all(tx, leader_id)
    assert await _still(db, own, *by_phone) == []


async def _still(db: Database, *opened: Opened) -> list[Opened]:
    async with db.read() as tx:
        return await service.still_open(tx, opened)


async def test_a_batch_is_minted_in_the_order_it_was_asked_for(db: Database) -> None:
    center_id, campaign_id, leader_id = await _world(db)
    others = [await build.leader(db, center_id, f"组长{number}") for number in range(5)]
    holders = [Holder(center_id, campaign_id, who, T0 + timedelta(hours=1)) for who in [leader_id, *others]]
    async with db.write() as tx:
        tokens = await service.mint_many(tx, holders)
    opened = [await _opens(db, token.text) for token in tokens]
    assert [link and link.leader_id for link in opened] == [leader_id, *others]


def test_a_token_is_found_only_at_the_head_of_a_text() -> None:
    token = f"rl_{'a' * 12}_{'B' * 43}"
    assert trimmed(token) == trimmed(token + "）") == token
    assert trimmed(" " + token) is None
    assert trimmed(token + "c") is None


def test_a_withdrawn_link_is_over_whatever_its_hour() -> None:
    later = T0 + timedelta(days=1)
    assert live(expires_at=later, revoked_at=None, now=T0)
    assert not live(expires_at=later, revoked_at=T0, now=T0)
    assert not live(expires_at=T0, revoked_at=None, now=T0)
