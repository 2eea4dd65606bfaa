"""Centers and keys: one first start, no lock-out, and a use that is noted without costing a request."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select

from app.core import tokens
from app.core.clock import ManualClock
from app.core.db import Database
from app.core.errors import Conflict, NotFound
from app.domain.access import service, store
from app.domain.access.rules import Caller
from app.domain.access.states import Role
from app.domain.access.tables import ApiKey, Center


async def _center(db: Database, name: str = "main") -> tuple[str, service.Issued]:
    async with db.write() as tx:
        center = await service.create_center(tx, name, actor="test")
        key = await service.create_key(tx, center.id, name="boss", role=Role.OWNER, actor="test")
    return center.id, key


async def _key(db: Database, key_id: str) -> ApiKey:
    async with db.read() as tx:
        found = await tx.first(select(ApiKey).where(ApiKey.id == key_id))
    assert found is not None
    return found


async def test_an_empty_house_gets_one_center_and_one_key(db: Database) -> None:
    async def begin() -> str | None:
        async with db.write() as tx:
            return await service.first_start(tx)

    first = [token for token in await asyncio.gather(*(begin() for _ in range(8))) if token]
    assert len(first) == 1
    assert await begin() is None
    caller = await service.identify(db, first[0])
    assert caller is not None
    assert caller.role is Role.OWNER
    async with db.read() as tx:
        assert [center.name for center in await tx.all(select(Center))] == ["main"]
        assert (await service.center(tx, caller.center_id)).stopped_at is None


async def test_a_token_is_stored_as_a_digest_only(db: Database) -> None:
    _, issued = await _center(db)
    secret = issued.token.rsplit("_", 1)[1]
    async with db.read() as tx:
        rows = await tx.table(text("SELECT * FROM api_key"))
    assert secret not in repr(rows)
    assert secret not in repr(issued)


async def test_only_the_whole_token_identifies(db: Database) -> None:
    center_id, issued = await _center(db)
    assert await service.identify(db, issued.token) == Caller(center_id, issued.key.id, "boss", Role.OWNER)
    public, other = issued.key.public_id, tokens.mint("mk").text
    secret = issued.token.rsplit("_", 1)[1]
    wrong = [
        "",
        "mk",
        other,
        f"mk_{public}_{other[-43:]}",
        f"rl_{public}_{secret}",
        f"{issued.token} ",
        issued.token.upper(),
    ]
    for token in wrong:
        assert await service.identify(db, token) is None, token


async def test_a_revoked_key_is_nobody(db: Database) -> None:
    center_id, issued = await _center(db)
    async with db.write() as tx:
        second = await service.create_key(tx, center_id, name="aide", role=Role.VIEWER, actor="test")
    assert await service.identify(db, second.token) is not None
    async with db.write() as tx:
        await service.revoke_key(tx, center_id, second.key.id, actor="test")
    assert await service.identify(db, second.token) is None
    assert await service.identify(db, issued.token) is not None


async def test_owners_who_revoke_each_other_at_once_leave_one(db: Database) -> None:
    center_id, issued = await _center(db)
    async with db.write() as tx:
        second = await service.create_key(tx, center_id, name="other", role=Role.OWNER, actor="test")

    async def revoke(key_id: str) -> None:
        async with db.write() as tx:
            await service.revoke_key(tx, center_id, key_id, actor="test")

    results = await asyncio.gather(revoke(issued.key.id), revoke(second.key.id), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "NoneType"]
    async with db.read() as tx:
        assert await store.live_owners(tx, center_id) == 1


async def test_other_roles_do_not_keep_the_last_owner_company(db: Database) -> None:
    center_id, issued = await _center(db)
    await _center(db, "another")
    async with db.write() as tx:
        await service.create_key(tx, center_id, name="aide", role=Role.OPERATOR, actor="test")
    with pytest.raises(Conflict, match="last owner key"):
        async with db.write() as tx:
            await service.revoke_key(tx, center_id, issued.key.id, actor="test")


async def test_another_centers_key_is_unknown(db: Database) -> None:
    _, issued = await _center(db)
    elsewhere, _ = await _center(db, "another")
    with pytest.raises(NotFound):
        async with db.write() as tx:
            await service.revoke_key(tx, elsewhere, issued.key.id, actor="test")
    assert (await _key(db, issued.key.id)).revoked_at is None


async def test_use_is_noted_once_a_minute(db: Database, clock: ManualClock) -> None:
    _, issued = await _center(db)
    start = clock.now()
    await service.identify(db, issued.token)
    clock.advance(timedelta(seconds=59))
    await service.identify(db, issued.token)
    assert (await _key(db, issued.key.id)).last_used_at == start
    clock.advance(timedelta(seconds=1))
    await service.identify(db, issued.token)
    assert (await _key(db, issued.key.id)).last_used_at == clock.now()


@pytest.mark.alone
async def test_a_busy_writer_holds_no_request_up(db: Database) -> None:
    _, issued = await _center(db)
    loop = asyncio.get_running_loop()
    async with db.write() as tx:
        await tx.run(text("UPDATE api_key SET name = 'held'"))
        began = loop.time()
        assert await service.identify(db, issued.token) is not None
        assert await service.identify(db, issued.token) is not None
        assert loop.time() - began < 5 * service.USE_TIMEOUT_S
    async with db.write() as tx:
        await service.create_key(tx, issued.key.center_id, name="still writing", role=Role.VIEWER, actor="test")
    assert (await _key(db, issued.key.id)).last_used_at is None


async def test_the_kill_switch_is_thrown_once(db: Database, clock: ManualClock) -> None:
    center_id, _ = await _center(db)
    async with db.write() as tx:
        assert await store.stop(tx, center_id)
        assert not await store.stop(tx, center_id)
        assert (await service.center(tx, center_id)).stopped_at == clock.now()
        assert await store.start(tx, center_id)
        assert not await store.start(tx, center_id)
