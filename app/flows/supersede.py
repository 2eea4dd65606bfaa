"""Supersede: a correction is launched, and what of the first campaign has not left will not leave."""

from app.core.db import Tx
from app.domain.access.rules import Caller
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import News
from app.domain.deliveries import store as deliveries
from app.flows.brief import Campaign
from app.flows.call_off import call_off
from app.flows.concerned import uncorrected
from app.flows.control import outlast_claims
from app.flows.kit import Kit


async def supersede(tx: Tx, caller: Caller, correction: Campaign) -> None:
    """Close the first campaign in the transaction that launches its correction. Raises Conflict for a second one."""
    first_id = str(correction.corrects_id)
    await campaigns.hold(tx, first_id)
    await uncorrected(tx, first_id)
    reason = f"{correction.id} corrects it"
    if await campaigns.tell(tx, first_id, News.CANCELLED, actor=caller.actor, reason=reason):
        await deliveries.close_gate(tx, first_id, reason="another campaign corrects this one")


async def make_way(kit: Kit, first_id: str) -> None:
    """Have the first campaign's rows follow at once: the correction is planned when nothing of it is under way."""
    await outlast_claims(kit, first_id)
    while await call_off(kit):
        pass
    await call_off(kit)
