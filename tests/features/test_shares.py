"""A shared report opens for whoever has its link, until it ends or is taken back, and for nobody else."""

from datetime import timedelta

import pytest

from app.core import audit
from app.core.clock import ManualClock
from app.core.db import Database
from app.core.errors import Conflict, NotFound
from app.core.tokens import Token
from app.domain.shares import service as shares
from app.domain.shares.tables import Share
from tests.builders.relays import Handed, handed

WEEK = timedelta(days=7)


async def shared(world: Handed, *, names: bool = False) -> Token:
    async with world.db.write() as tx:
        return await shares.share(tx, world.center_id, world.campaign_id, names=names, lasts=WEEK, actor="key:head")


async def opened(db: Database, token: str) -> Share | None:
    async with db.read() as tx:
        return await shares.opened(tx, token)


async def test_a_link_opens_what_it_was_made_for_until_it_ends(db: Database, clock: ManualClock) -> None:
    world = await handed(db)
    token = await shared(world, names=True)
    found = await opened(db, f"{token.text}，请看")
    assert found is not None
    assert (found.campaign_id, found.names, token.text in str(found.model_dump())) == (world.campaign_id, True, False)
    clock.advance(WEEK - timedelta(seconds=1))
    assert await opened(db, token.text) is not None
    clock.advance(timedelta(seconds=1))
    assert await opened(db, token.text) is None


async def test_what_was_taken_back_opens_nothing_and_may_be_taken_back_again(db: Database) -> None:
    world = await handed(db)
    token, other = await shared(world), await shared(world)
    async with db.read() as tx:
        mine = await shares.opened(tx, token.text)
    assert mine is not None
    for _ in range(2):
        async with db.write() as tx:
            await shares.revoke(tx, world.center_id, world.campaign_id, mine.id, actor="key:head")
    assert await opened(db, token.text) is None
    assert await opened(db, other.text) is not None
    async with db.read() as tx:
        log = await audit.entries(tx, world.center_id, limit=10, cursor=None)
        assert [one.expires_at > tx.now for one in await shares.living(tx, world.campaign_id)] == [True]
    assert sorted(one.action for one in log.items) == ["report.share", "report.share", "report.unshare"]
    assert token.text not in str([one.model_dump() for one in log.items])


@pytest.mark.parametrize("wrong", ["", "rp_x", "secret", "kind"])
async def test_nothing_else_opens_it(db: Database, wrong: str) -> None:
    token = (await shared(await handed(db))).text
    guesses = {
        "": "",
        "rp_x": "rp_x",
        "secret": f"{token[:-1]}{'a' if token[-1] != 'a' else 'b'}",
        "kind": f"rl{token[2:]}",
    }
    assert await opened(db, guesses[wrong]) is None


async def test_another_center_takes_nothing_back_and_links_do_not_pile_up(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, stranger = await handed(db), await handed(db, center_name="another")
    found = await opened(db, (await shared(world)).text)
    assert found is not None
    with pytest.raises(NotFound):
        async with db.write() as tx:
            await shares.revoke(tx, stranger.center_id, world.campaign_id, found.id, actor="key:head")
    monkeypatch.setattr(shares, "MOST", 1)
    with pytest.raises(Conflict):
        await shared(world)
