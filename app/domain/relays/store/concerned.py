"""How relays stand: what is asked for whatever is done after a launch."""

from collections.abc import Sequence

from sqlalchemy import func
from sqlalchemy import select as columns
from sqlmodel import col, select

from app.core.bulk import among
from app.core.db import Tx
from app.domain.relays.states import MAY_STAND, OPEN, State, Via
from app.domain.relays.tables import Confirmation, Holding, Relay


async def get(tx: Tx, relay_ids: Sequence[str]) -> list[Relay]:
    return await tx.all(select(Relay).where(among(col(Relay.id), relay_ids)).order_by(col(Relay.id)))


async def in_states(
    tx: Tx,
    campaign_id: str,
    states: Sequence[State],
    *,
    group_ids: Sequence[str] | None = None,
    after: str = "",
    limit: int,
) -> list[str]:
    """A campaign's relays that stand in one of these states, in these groups or in all, by id after `after`."""
    held = select(Relay.id).where(
        Relay.campaign_id == campaign_id, among(col(Relay.state), states), col(Relay.id) > after
    )
    if group_ids is not None:
        held = held.where(among(col(Relay.group_id), group_ids))
    return await tx.all(held.order_by(col(Relay.id)).limit(limit))


async def groups_in(tx: Tx, campaign_id: str, states: Sequence[State]) -> dict[str, str]:
    """The group of each of a campaign's relays that stands in one of these states, by the relay's id."""
    rows = await tx.table(
        columns(col(Relay.id), col(Relay.group_id))
        .where(col(Relay.campaign_id) == campaign_id, among(col(Relay.state), states))
        .order_by(col(Relay.id))
    )
    return {row.id: row.group_id for row in rows}


async def any_may_stand(tx: Tx, campaign_id: str) -> bool:
    """Whether a campaign stands in any group, or may: where its platform asked an owner, too, who may have sent it."""
    may = col(Relay.state).in_(MAY_STAND) | col(Relay.task_id).is_not(None)
    return await tx.first(select(Relay.id).where(Relay.campaign_id == campaign_id, may)) is not None


async def relayed_by_hand(tx: Tx, campaign_id: str, leader_ids: Sequence[str]) -> list[Relay]:
    """What was put into groups by hand, of all that these leaders have or had to do."""
    have = select(Relay.id).where(among(col(Relay.leader_id), leader_ids), Relay.campaign_id == campaign_id)
    had = select(Holding.relay_id).where(among(col(Holding.leader_id), leader_ids), Holding.campaign_id == campaign_id)
    theirs = {*await tx.all(have), *await tx.all(had)}
    by_hand = (Relay.state == State.RELAYED, Relay.via != Via.BOT)
    return await tx.all(select(Relay).where(among(col(Relay.id), sorted(theirs)), *by_hand))


async def said_done(tx: Tx, relay_ids: Sequence[str]) -> dict[str, str]:
    """Whose word it was that made each of these relayed, by the relay's id."""
    words = columns(col(Confirmation.relay_id), col(Confirmation.leader_id)).where(
        among(col(Confirmation.relay_id), relay_ids), col(Confirmation.action) == "done", col(Confirmation.moved)
    )
    return {row.relay_id: row.leader_id for row in await tx.table(words)}


async def strangers(tx: Tx, campaign_id: str, group_ids: Sequence[str]) -> set[str]:
    """Those of these groups that have no relay in this campaign."""
    rows = select(Relay.group_id).where(Relay.campaign_id == campaign_id, among(col(Relay.group_id), group_ids))
    known: list[str] = await tx.all(rows)
    return set(group_ids) - set(known)


async def with_open(tx: Tx, campaign_ids: Sequence[str]) -> frozenset[str]:
    """Those of these campaigns in which a relay is open."""
    found = columns(col(Relay.campaign_id)).where(
        among(col(Relay.campaign_id), campaign_ids), col(Relay.state).in_(OPEN)
    )
    return frozenset(row.campaign_id for row in await tx.table(found.distinct()))


async def first_groups(tx: Tx, campaign_ids: Sequence[str], leader_ids: Sequence[str]) -> dict[tuple[str, str], str]:
    """By campaign and leader, the first group that these leaders have in these campaigns."""
    whose = (col(Relay.campaign_id), col(Relay.leader_id))
    theirs = columns(*whose, func.min(col(Relay.group_id)).label("group_id")).where(
        among(col(Relay.leader_id), leader_ids), among(col(Relay.campaign_id), campaign_ids)
    )
    return {(row.campaign_id, row.leader_id): row.group_id for row in await tx.table(theirs.group_by(*whose))}
