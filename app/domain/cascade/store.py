"""Every SQL statement of the cascade."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, text, update
from sqlmodel import col, select

from app.core.bulk import among
from app.core.db import Tx
from app.core.glance import NOW, any_of
from app.domain.cascade.states import CLOSED, MOVES, News, State
from app.domain.cascade.tables import STILL_CLOSED, Tier


async def create(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert tiers, each after the one above it; those that already stand are left as they are."""
    await tx.insert(Tier, rows, once=True)


async def move(tx: Tx, tier_ids: Sequence[str], news: News, *, reason: str = "", **values: Any) -> list[str]:
    """Tell these tiers the news; answers the ids of those whose state allowed it."""
    if not tier_ids:
        return []
    moved = await tx.run(
        update(Tier)
        .where(among(col(Tier.id), tier_ids), among(col(Tier.state), MOVES.before(news)))
        .values(state=MOVES.after(news), reason=reason, **values)
        .returning(col(Tier.id))
    )
    return [row.id for row in moved]


async def stirring(tx: Tx, campaign_ids: Sequence[str], *, limit: int) -> list[str]:
    """Those of these campaigns in which a leader is to be told or reminded, or a tier's time is up."""
    stirs = or_(_turn(tx.now), _overdue(tx.now), _half_gone(tx.now))
    rows = select(Tier.campaign_id).where(text(STILL_CLOSED), among(col(Tier.campaign_id), campaign_ids), stirs)
    return await tx.all(rows.distinct().limit(limit))


async def turn(tx: Tx, campaign_id: str) -> list[Tier]:
    """The tiers of a campaign whose leaders are to be told now."""
    his = select(Tier).where(text("tier." + STILL_CLOSED), Tier.campaign_id == campaign_id, _turn(tx.now))
    return await tx.all(his.order_by(col(Tier.id)))


async def overdue(tx: Tx, campaign_id: str) -> list[Tier]:
    """The tiers of a campaign whose leaders were told and have not said in time that they read it."""
    his = select(Tier).where(text("tier." + STILL_CLOSED), Tier.campaign_id == campaign_id, _overdue(tx.now))
    return await tx.all(his.order_by(col(Tier.id)))


def _turn(now: datetime) -> ColumnElement[bool]:
    upper = Tier.__table__.alias("upper_tier")  # type: ignore[attr-defined]
    closed_above = exists().where(upper.c.id == col(Tier.parent_id), upper.c.state.in_(CLOSED))
    return and_(col(Tier.state) == State.WAITING, col(Tier.starts_at) <= now, ~closed_above)


def _overdue(now: datetime) -> ColumnElement[bool]:
    return and_(col(Tier.state) == State.TOLD, col(Tier.until_at) <= now)


async def closed_above(tx: Tx, tier_id: str) -> Tier | None:
    """The tier right above this one, if those beneath that still wait for it."""
    parent = select(Tier.parent_id).where(Tier.id == tier_id).scalar_subquery()
    return await tx.first(select(Tier).where(col(Tier.id) == parent, col(Tier.state).in_(CLOSED)))


async def leaders_above(tx: Tx, tier_id: str) -> set[str]:
    """Whoever is to be told, or was, of a tier on the way up from this one; nobody for a tier that went on untold."""
    found: set[str] = set()
    step = await tx.first(select(Tier).where(Tier.id == tier_id))
    while step is not None and step.parent_id is not None:
        step = await tx.first(select(Tier).where(Tier.id == step.parent_id))
        if step is not None and (step.state in CLOSED or step.told_at is not None):
            found.add(step.leader_id)
    return found


async def down_from(tx: Tx, tier_id: str) -> list[str]:
    """This tier and all that hang below it, by their ids."""
    found, level = [tier_id], [tier_id]
    while level:
        level = await tx.all(select(Tier.id).where(among(col(Tier.parent_id), level)))
        found += level
    return found


async def hang(tx: Tx, tier_id: str, parent_id: str) -> None:
    """What hung below this tier hangs below that one."""
    await tx.run(update(Tier).where(col(Tier.parent_id) == tier_id).values(parent_id=parent_id))


def _half_gone(now: datetime) -> ColumnElement[bool]:
    return and_(col(Tier.state) == State.TOLD, col(Tier.remind_at) <= now, col(Tier.until_at) > now)


ANY_STIRRING = any_of(Tier, text(STILL_CLOSED), or_(_turn(NOW), _overdue(NOW), _half_gone(NOW)))


async def to_remind(tx: Tx, campaign_id: str) -> list[Tier]:
    """The tiers of leaders who are to hear once more of what waits for their word: all that were told and not reminded
    of, where one of them is due for it."""
    here = (text("tier." + STILL_CLOSED), Tier.campaign_id == campaign_id)
    leaders = set(await tx.all(select(Tier.leader_id).where(*here, _half_gone(tx.now))))
    waits = and_(col(Tier.state) == State.TOLD, col(Tier.remind_at).is_not(None), col(Tier.until_at) > tx.now)
    his = select(Tier).where(*here, waits, among(col(Tier.leader_id), sorted(leaders)))
    return await tx.all(his.order_by(col(Tier.id))) if leaders else []


async def remind_at(tx: Tx, moments: Mapping[str, datetime | None]) -> None:
    """When each of these tiers' leaders hears of it once more; None: he does not."""
    await tx.update_lines(Tier, ("id", "remind_at"), list(moments.items()))


async def of_leader(tx: Tx, campaign_id: str, leader_id: str) -> list[Tier]:
    """This leader's tiers in a campaign, however they stand."""
    his = select(Tier).where(Tier.campaign_id == campaign_id, Tier.leader_id == leader_id)
    return await tx.all(his.order_by(col(Tier.id)))


async def closed_of(tx: Tx, leader_ids: Sequence[str], *, branch_id: str | None = None) -> list[Tier]:
    """The tiers of all campaigns that wait for the word of one of these leaders; with `branch_id` only its."""
    his = select(Tier).where(text("tier." + STILL_CLOSED), among(col(Tier.leader_id), leader_ids))
    if branch_id is not None:
        his = his.where(Tier.branch_id == branch_id)
    return await tx.all(his.order_by(col(Tier.campaign_id), col(Tier.id)))
