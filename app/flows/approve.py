"""Approve: a second person agrees to exactly what was submitted, or sends it back with a reason."""

from typing import Any

from app.core import audit
from app.core.errors import Conflict
from app.domain.access.rules import Caller
from app.domain.campaigns import service, store
from app.domain.campaigns.rules import seal
from app.domain.campaigns.states import News, State
from app.flows.brief import Campaign
from app.flows.kit import Kit
from app.flows.launch import begin, held, not_now, sound
from app.flows.supersede import make_way


async def approve(kit: Kit, caller: Caller, campaign_id: str, *, fingerprint: str | None = None) -> None:
    """Launch what waits for a second person; `fingerprint` names what he has read. Raises NotFound, and Conflict where
    the first person asks, the content is another, or something stands in the way."""
    await sound(kit, caller, campaign_id, State.PENDING_APPROVAL)
    async with kit.db.write() as tx:
        campaign = await held(tx, caller, campaign_id, State.PENDING_APPROVAL)
        _agree(caller, campaign, fingerprint)
        await begin(tx, caller, campaign, action="campaign.approve", approved_by=caller.actor)
    if campaign.corrects_id:
        await make_way(kit, campaign.corrects_id)


async def reject(kit: Kit, caller: Caller, campaign_id: str, *, reason: str) -> None:
    """Back to a draft. Raises NotFound, Conflict."""
    async with kit.db.write() as tx:
        campaign = await service.found(tx, caller.center_id, campaign_id)
        told: dict[str, Any] = {"actor": caller.actor, "reason": reason, "sealed": None, "rejection": reason}
        if not await store.tell(tx, campaign_id, News.REJECTED, **told):
            raise not_now(campaign.state, wanted=State.PENDING_APPROVAL)
        actor, action = caller.actor, "campaign.reject"
        await audit.note(tx, caller.center_id, actor=actor, action=action, subject=campaign_id, reason=reason)


def _agree(caller: Caller, campaign: Campaign, fingerprint: str | None) -> None:
    """Raises Conflict unless it is another person's, and what was submitted."""
    if campaign.created_by == caller.actor:
        raise Conflict("same_person", "Who drafted a campaign cannot approve it; a second person has to.")
    if seal(campaign) != campaign.sealed or fingerprint not in {None, campaign.sealed}:
        sentence = "The content is not what was submitted, or not what you have read; look at the campaign again."
        raise Conflict("content_changed", sentence)
