"""Parts in the database: the next one comes to stand with the news that the one before is sent, once."""

import pytest

from app.core.db import Database
from app.domain.campaigns import store as campaigns
from app.domain.deliveries import store
from app.domain.deliveries.rules import Claimed, Result, part_id
from app.domain.deliveries.states import Kind, News, State
from tests.builders.deliveries import delivery, stage

FIRST = "dlv_00000"
SECOND, THIRD = (part_id("cmp_1", Kind.ANNOUNCEMENT, "grp_0", turn=0, part=part) for part in (1, 2))


@pytest.fixture
async def staged(db: Database) -> Database:
    async with db.write() as tx:
        await stage(tx)
        texts = [{"id": f"txt_{number}", "campaign_id": "cmp_1", "body": str(number)} for number in (2, 3)]
        await campaigns.keep_texts(tx, texts)
        await store.create(tx, [delivery(0, tx.now, following="txt_2 txt_3")])
    return db


async def _claim(db: Database, delivery_id: str) -> Claimed | None:
    async with db.write() as tx:
        return next(iter(await store.claim(tx, [delivery_id])), None)


async def _told(db: Database, claimed: Claimed, news: News) -> State | None:
    async with db.write() as tx:
        applied = await store.finish(tx, [Result(claimed.id, claimed.fence, news)])
    return applied.states.get(claimed.id)


async def test_each_part_waits_for_the_yes_to_the_one_before(staged: Database) -> None:
    first = await _claim(staged, FIRST)
    assert first is not None
    assert await _claim(staged, SECOND) is None
    assert await _told(staged, first, News.ACCEPTED) is State.SENT
    second = await _claim(staged, SECOND)
    assert second is not None
    assert (second.part, second.text_id, second.following, second.tries) == (1, "txt_2", "txt_3", 0)
    assert await _told(staged, first, News.ACCEPTED) is None  # said twice, it changes nothing
    assert await _told(staged, second, News.ACCEPTED) is State.SENT
    third = await _claim(staged, THIRD)
    assert third is not None
    assert (third.part, third.text_id, third.following) == (2, "txt_3", None)
    assert await _told(staged, third, News.ACCEPTED) is State.SENT


@pytest.mark.parametrize("news", [News.NOT_SENT, News.SAY_AGAIN, News.LINE_LOST, News.REFUSED])
async def test_no_other_news_lets_the_next_part_stand(staged: Database, news: News) -> None:
    first = await _claim(staged, FIRST)
    assert first is not None
    await _told(staged, first, news)
    assert await _claim(staged, SECOND) is None


async def test_a_yes_that_comes_late_or_from_a_human_does(staged: Database) -> None:
    first = await _claim(staged, FIRST)
    assert first is not None
    await _told(staged, first, News.LINE_LOST)
    async with staged.write() as tx:
        await store.settle(tx, "cen_1", FIRST, News.FOUND_SENT, actor="user:head", reason="I see it")
    second = await _claim(staged, SECOND)
    assert second is not None
    await _told(staged, second, News.LINE_LOST)
    assert await _told(staged, second, News.ACCEPTED) is State.SENT
    assert await _claim(staged, THIRD) is not None
