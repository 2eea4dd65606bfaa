"""What can still be done about a campaign that went out: which posts could be made once more, what stands by whose
hand, and in which channels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, case, func, select
from sqlmodel import col

from app.core.db import Tx
from app.domain.accounts.tables import Account
from app.domain.deliveries.states import MOVES as DELIVERY_MOVES
from app.domain.deliveries.states import STANDS_FOR
from app.domain.deliveries.states import News as DeliveryNews
from app.domain.deliveries.states import State as DeliveryState
from app.domain.deliveries.tables import Delivery
from app.domain.recalls.states import State as RecallState
from app.domain.recalls.tables import Recall
from app.domain.relays.states import MOVES, OPEN, News, Route, State, Via
from app.domain.relays.tables import Relay


@dataclass(frozen=True)
class InChannel:
    """In so many groups something stands that came through this channel; in `young` of them it is younger than was
    asked for."""

    channel: str
    groups: int
    young: int


@dataclass(frozen=True)
class Stands:
    """`by_hand`: groups in which a person posted it; `unsure`: where nobody knows; `waiting`: where it is not yet;
    `without`: where it was missed or failed; `gone`: where it was taken back, or is to be: nothing else counts it."""

    channels: Sequence[InChannel]
    by_hand: int
    unsure: int
    waiting: int
    without: int
    gone: int


async def to_retry(tx: Tx, campaign_id: str, *, group_id: str | None = None) -> int:
    """How many groups would be posted to once more; at most one where a group is named."""
    query = (
        select(func.count(func.distinct(col(Delivery.relay_id))))
        .join(Relay, col(Relay.id) == col(Delivery.relay_id))
        .where(
            col(Delivery.campaign_id) == campaign_id,
            col(Delivery.kind).in_(STANDS_FOR),
            col(Delivery.state).in_(DELIVERY_MOVES.before(DeliveryNews.RETRIED)),
            col(Delivery.resends) == 0,
            ~select(col(Recall.relay_id)).where(col(Recall.relay_id) == col(Relay.id)).exists(),
            col(Relay.route) == Route.BOT,
            col(Relay.state).in_(MOVES.before(News.RETRIED)),
        )
    )
    rows = await tx.table(query if group_id is None else query.where(col(Relay.group_id) == group_id))
    return int(rows[0][0])


async def stands(tx: Tx, campaign_id: str, *, since: Mapping[str, datetime]) -> Stands:
    """What stands where; `since`: the moment after which a channel's post is young, by its name. A post in a channel
    that is not named is young."""
    rows = await tx.table(
        _still_there(select(col(Relay.state), col(Relay.via), func.count()), campaign_id).group_by(
            col(Relay.state), col(Relay.via)
        )
    )
    relayed = [row for row in rows if row[0] is State.RELAYED]
    gone = await tx.table(
        select(func.count()).where(col(Recall.campaign_id) == campaign_id, col(Recall.state) != RecallState.IMPOSSIBLE)
    )
    return Stands(
        channels=await _by_channel(tx, campaign_id, since),
        by_hand=sum(row[2] for row in relayed if row[1] is not Via.BOT),
        unsure=sum(row[2] for row in rows if row[0] is State.UNCERTAIN),
        waiting=sum(row[2] for row in rows if row[0] in OPEN and row[0] is not State.UNCERTAIN),
        without=sum(row[2] for row in rows if row[0] in {State.MISSED, State.FAILED}),
        gone=int(gone[0][0]),
    )


async def _by_channel(tx: Tx, campaign_id: str, since: Mapping[str, datetime]) -> list[InChannel]:
    old = [(and_(col(Account.channel) == name, col(Delivery.sent_at) <= at), 0) for name, at in since.items()]
    youngest = func.min(case(*old, else_=1)) if old else func.min(1)
    each = (
        _still_there(select(col(Account.channel).label("channel"), youngest.label("young")), campaign_id)
        .join(Delivery, col(Delivery.relay_id) == col(Relay.id))
        .join(Account, col(Account.id) == col(Delivery.account_id))
        .where(
            col(Relay.state) == State.RELAYED,
            col(Relay.via) == Via.BOT,
            col(Delivery.kind).in_(STANDS_FOR),
            col(Delivery.state) == DeliveryState.SENT,
        )
        .group_by(col(Relay.id), col(Account.channel))
        .subquery()
    )
    rows = await tx.table(
        select(each.c.channel, func.count(), func.sum(each.c.young)).group_by(each.c.channel).order_by(each.c.channel)
    )
    return [InChannel(row[0], row[1], int(row[2] or 0)) for row in rows]


def _still_there(query: Select[*tuple[Any, ...]], campaign_id: str) -> Select[*tuple[Any, ...]]:
    """Of this campaign's relays those that were not taken back, nor are to be."""
    gone = select(col(Recall.relay_id)).where(
        col(Recall.relay_id) == col(Relay.id), col(Recall.state) != RecallState.IMPOSSIBLE
    )
    return query.select_from(Relay).where(col(Relay.campaign_id) == campaign_id, ~gone.exists())
