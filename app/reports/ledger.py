"""The ledger as lists: relays, deliveries, and one relay's story from its beginning."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlmodel import col

from app.core import journal, paging
from app.core.db import Tx
from app.domain.accounts.tables import Account
from app.domain.campaigns.tables import CampaignText
from app.domain.deliveries.states import State as DeliveryState
from app.domain.deliveries.tables import Delivery
from app.domain.directory.tables import Branch, Group, Leader
from app.domain.recalls.tables import Recall
from app.domain.relays.states import State
from app.domain.relays.tables import Relay
from app.reports.proofs import Proof, proofs, shown


@dataclass(frozen=True)
class Story:
    """One relay, its finished text, everything that happened to it and its deliveries, and what was shown for it,
    oldest first."""

    relay: Any
    text: str
    events: Sequence[journal.JournalLine]
    proofs: Sequence[Proof]


def _relays(center_id: str) -> Select[Any]:
    return (
        select(
            *(col(getattr(Relay, name)) for name in Relay.model_fields),
            col(Group.name).label("group_name"),
            col(Group.platform).label("platform"),
            col(Group.address).label("address"),
            col(Account.base_url).label("site"),
            col(Branch.path).label("branch"),
            col(Leader.name).label("leader_name"),
            col(Recall.state).label("recall"),
            col(Recall.reason).label("recall_reason"),
            case((col(Relay.state) == State.RELAYED, col(Recall.done_at))).label("recalled_at"),
            shown(),
        )
        .join(Group, col(Group.id) == col(Relay.group_id))
        .outerjoin(Recall, col(Recall.relay_id) == col(Relay.id))
        .outerjoin(Branch, col(Branch.id) == col(Relay.branch_id))
        .outerjoin(Leader, col(Leader.id) == col(Relay.leader_id))
        .outerjoin(Account, col(Account.id) == col(Group.account_id))
        .where(col(Relay.center_id) == center_id)
    )


async def some(tx: Tx, center_id: str, relay_ids: Sequence[str]) -> list[Any]:
    """These relays of the center."""
    return await tx.table(_relays(center_id).where(col(Relay.id).in_(relay_ids)))


async def relays(
    tx: Tx,
    center_id: str,
    campaign_id: str,
    *,
    state: State | None,
    branch: str | None,
    limit: int,
    cursor: str | None,
    search: str = "",
) -> paging.Page[Any]:
    """A campaign's relays by id; `branch` is a branch's id and means its whole subtree; `search` is a part of the
    group's or the leader's name."""
    query = _relays(center_id).where(col(Relay.campaign_id) == campaign_id).order_by(col(Relay.id))
    if state is not None:
        query = query.where(col(Relay.state) == state)
    if search:
        named = col(Group.name).icontains(search, autoescape=True)
        query = query.where(named | col(Leader.name).icontains(search, autoescape=True))
    if branch is not None:
        top = select(col(Branch.path_key)).where(col(Branch.id) == branch, col(Branch.center_id) == center_id)
        path = (await tx.table(top) or [("\x01",)])[0][0]
        query = query.where(
            (col(Branch.path_key) == path) | col(Branch.path_key).startswith(f"{path}/", autoescape=True)
        )
    return await _page(tx, query, col(Relay.id), limit=limit, cursor=cursor)


def _deliveries(center_id: str) -> Select[Any]:
    return (
        select(
            *(col(getattr(Delivery, name)) for name in Delivery.model_fields if name != "part"),
            (col(Delivery.part) + 1).label("part"),
            _PARTS.label("parts"),
            col(Group.name).label("group_name"),
            col(Leader.name).label("leader_name"),
            col(Account.name).label("account_name"),
        )
        .join(Account, col(Account.id) == col(Delivery.account_id))
        .outerjoin(Group, col(Group.id) == col(Delivery.group_id))
        .outerjoin(Leader, col(Leader.id) == col(Delivery.leader_id))
        .where(col(Delivery.center_id) == center_id)
    )


async def delivery(tx: Tx, center_id: str, delivery_id: str) -> Any:
    """One delivery of the center with the names around it, or None."""
    rows = await tx.table(_deliveries(center_id).where(col(Delivery.id) == delivery_id))
    return rows[0] if rows else None


async def messages(tx: Tx, center_id: str, relay_id: str) -> list[Any]:
    """Every delivery of one relay, oldest first."""
    query = _deliveries(center_id).where(col(Delivery.relay_id) == relay_id)
    return await tx.table(query.order_by(col(Delivery.created_at), col(Delivery.id)))


async def deliveries(
    tx: Tx, center_id: str, campaign_id: str, *, state: DeliveryState | None, limit: int, cursor: str | None
) -> paging.Page[Any]:
    """A campaign's deliveries by id."""
    query = _deliveries(center_id).where(col(Delivery.campaign_id) == campaign_id).order_by(col(Delivery.id))
    if state is not None:
        query = query.where(col(Delivery.state) == state)
    return await _page(tx, query, col(Delivery.id), limit=limit, cursor=cursor)


_FOLLOWING = col(Delivery.following)
_LATER = func.length(_FOLLOWING) - func.length(func.replace(_FOLLOWING, " ", "")) + 1
_PARTS = col(Delivery.part) + 1 + func.coalesce(_LATER, 0)
"""Into how many parts a delivery's text was cut."""


async def story(tx: Tx, center_id: str, relay_id: str) -> Story | None:
    rows = await tx.table(_relays(center_id).where(col(Relay.id) == relay_id))
    if not rows:
        return None
    body = await tx.table(select(col(CampaignText.body)).where(col(CampaignText.id) == rows[0].text_id))
    events, told = await journal.thread(tx, relay_id), await proofs(tx, relay_id)
    return Story(rows[0], body[0][0] if body else "", events, told)


async def _page(tx: Tx, query: Select[Any], key: Any, *, limit: int, cursor: str | None) -> paging.Page[Any]:
    after = paging.decode(cursor)
    if after is not None:
        query = query.where(key > after)
    rows = await tx.table(query.limit(limit + 1))
    more = paging.encode(rows[limit - 1].id) if len(rows) > limit else None
    return paging.Page(rows[:limit], more)
