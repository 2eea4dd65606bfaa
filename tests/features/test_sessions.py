"""Sessions and one-time links, on both databases."""

import asyncio
from datetime import timedelta

import pytest

from app.core.clock import ManualClock
from app.core.db import Database
from app.domain.access import service as access
from app.domain.access.states import Role
from app.domain.sessions import rules, service, store


@pytest.fixture
async def held(db: Database) -> tuple[str, str]:
    """A center and a key of it."""
    async with db.write() as tx:
        center = await access.create_center(tx, "here", actor="test")
        return center.id, (await access.create_key(tx, center.id, name="a", role=Role.OWNER, actor="test")).key.id


async def test_a_session_is_found_by_its_token_until_it_ends(db: Database, held: tuple[str, str]) -> None:
    center_id, key_id = held
    async with db.write() as tx:
        first = await service.begin(tx, center_id=center_id, key_id=key_id, instead_of=None)
        second = await service.begin(tx, center_id=center_id, key_id=key_id, instead_of=first.text)
    async with db.read() as tx:
        assert await service.found(tx, first.text) is None
        found = await service.found(tx, second.text)
        assert found is not None
        assert second.text not in str(found.model_dump())
        for forged in ("", "ms_x", first.text[:-1] + "x", second.text[:-1] + ("a" if second.text[-1] != "a" else "b")):
            assert await service.found(tx, forged) is None
    async with db.write() as tx:
        assert await store.end_all(tx, key_id) == 1
    async with db.read() as tx:
        assert await service.found(tx, second.text) is None


async def test_a_link_is_used_once_by_however_many(db: Database, held: tuple[str, str]) -> None:
    center_id, key_id = held
    async with db.write() as tx:
        token = await service.invite(tx, center_id=center_id, key_id=key_id, actor="test")

    async def use() -> bool:
        async with db.write() as tx:
            found = await service.invited(tx, token.text)
            return found is not None and await store.use(tx, found.id)

    assert sorted(await asyncio.gather(*(use() for _ in range(8)))) == [False] * 7 + [True]


async def test_what_is_long_over_is_forgotten(db: Database, held: tuple[str, str], clock: ManualClock) -> None:
    center_id, key_id = held
    async with db.write() as tx:
        old = await service.begin(tx, center_id=center_id, key_id=key_id, instead_of=None)
        link = await service.invite(tx, center_id=center_id, key_id=key_id, actor="test")
    clock.advance(rules.LONGEST + rules.KEPT + timedelta(seconds=1))
    async with db.write() as tx:
        await service.begin(tx, center_id=center_id, key_id=key_id, instead_of=None)
        assert await store.session(tx, old.public_id) is None
        assert await store.link(tx, link.public_id) is None


def test_the_token_of_forms_is_of_one_session_alone() -> None:
    one, other = "ms_one", "ms_other"
    assert rules.is_form_token(rules.form_token(one), one)
    assert not rules.is_form_token(rules.form_token(other), one)
    assert one not in rules.form_token(one)
