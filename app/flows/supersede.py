"""Supersede: a correction is launched, and what of the first campaign has not left will not leave."""

from app.core.db import Tx
from app.domain.access.rules import Caller
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import News
from app.domain.deliveries import store as deliveries
from app.flows.brief import Campaign
from app.flows.call_off import call_off
from app.flows.concerned import concerned, nothing_to_correct, uncorrected
from app.flows.control import outlast_claims
from app.flows.kit import Kit


async def supersede(tx: Tx, caller: Caller, correction: Campaign) -> list[str]:
    """Close the first campaign in the transaction that launches its correction; answers the groups that are not to be
    corrected any more. Raises Conflict for a second correction, and where no group is left."""
    first = await campaigns.hold(tx, str(correction.corrects_id))
    assert first is not None, "a correction corrects a campaign"
    await uncorrected(tx, first.id)
    groups = set(correction.audience["groups"])
    left = groups & await concerned(tx, first)
    if not left:
        raise nothing_to_correct()
    if await campaigns.tell(tx, first.id, News.CANCELLED, actor=caller.actor, reason=f"{correction.id} corrects it"):
        await deliveries.close_gate(tx, first.id, reason="another campaign corrects this one")
    return sorted(groups - left)


async def make_way(kit: Kit, first_id: str) -> None:
    """Have the first campaign's rows follow at once: the correction is planned when nothing of it is under way."""
    await outlast_claims(kit, first_id)
    while await call_off(kit):
        pass
    await call_off(kit)
