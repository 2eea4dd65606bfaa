"""Lay tiers: once every relay of a campaign is planned, who is told before whom, and who waits for whose word."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from app.core import ids
from app.core.db import Tx
from app.domain.campaigns.states import Cascade
from app.domain.cascade import store as tiers
from app.domain.cascade.rules import Order, Place, arrange, shares
from app.domain.cascade.states import State
from app.domain.directory import store as directory
from app.domain.relays import store as relays
from app.flows.brief import Campaign


async def lay_tiers(tx: Tx, campaign: Campaign) -> None:
    """The tiers of a campaign, and the relays that wait for them. Those that an account posts wait for nobody."""
    if campaign.cascade is not Cascade.TIER_BY_TIER:
        return
    asked = {(r.branch_id, r.leader_id): r.starts_at for r in await relays.still_to_ask(tx, campaign.id)}
    order = await order_of(tx, campaign, asked)
    named = await directory.people(tx, sorted({one.leader_id for one in order.tiers}))
    names = {person.id: person.name for person in named}
    rows, reasons = [], {}
    for one in order.tiers:
        row = {"id": _id(campaign, one.branch_id), "center_id": campaign.center_id, "campaign_id": campaign.id}
        row |= {"branch_id": one.branch_id, "leader_id": one.leader_id, "state": State.WAITING, "reason": ""}
        above = _id(campaign, one.above) if one.above else None
        rows.append({**row, "parent_id": above, "starts_at": one.starts_at, "until_at": one.until_at})
        latest = f"or until {one.until_at:%Y-%m-%d %H:%M} UTC"
        reasons[one.branch_id] = f"waits until {names[one.leader_id]} has read it, {latest}"
    await tiers.create(tx, rows)
    for share in shares(order, asked):
        await relays.hold_back(
            tx,
            campaign.id,
            _id(campaign, share.branch_id),
            branch_ids=share.branches,
            leader_ids=share.leaders,
            reason=reasons[share.branch_id],
        )


async def order_of(tx: Tx, campaign: Campaign, asked: Mapping[Place, datetime]) -> Order:
    """Who comes before whom of those that are to be asked, as the directory has it now; nobody where the campaign goes
    to everybody at once."""
    if campaign.cascade is not Cascade.TIER_BY_TIER:
        return Order((), {})
    tree = await directory.parents(tx, campaign.center_id)
    people = await directory.branch_people(tx, campaign.center_id)
    return arrange(tree, people, asked, relay_time=timedelta(minutes=campaign.relay_minutes))


def _id(campaign: Campaign, branch_id: str) -> str:
    return ids.within("tir", campaign.id, branch_id)
