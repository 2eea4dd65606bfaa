"""Drafts: made once per idempotency key, whatever happens on the line."""

from dataclasses import asdict, dataclass

from app.core import audit, ids
from app.core.db import Tx
from app.core.errors import Invalid, NotFound
from app.core.markdown import Format
from app.domain.campaigns import store
from app.domain.campaigns.rules import Draft
from app.domain.campaigns.states import State
from app.domain.campaigns.tables import Campaign


class SomebodyWasFirst(Exception):
    """Another request with the same key committed in between: roll back and read what it made."""


@dataclass(frozen=True)
class Made:
    """A draft, and whether an earlier request had made it already."""

    campaign: Campaign
    replayed: bool


async def replay(tx: Tx, center_id: str, key: str, *, fingerprint: str) -> Made | None:
    """What this key made before. Raises Invalid when it was used for another body."""
    receipt = await store.receipt(tx, center_id, key)
    if receipt is None:
        return None
    if receipt.fingerprint != fingerprint:
        raise Invalid(
            "idempotency_key_reused", "This Idempotency-Key was used for another campaign; nothing was created."
        )
    campaign = await store.find(tx, center_id, receipt.campaign_id)
    assert campaign is not None
    return Made(campaign, replayed=True)


async def create(tx: Tx, center_id: str, draft: Draft, *, key: str, fingerprint: str, actor: str) -> Made:
    """A new draft and its receipt, in one transaction. Raises SomebodyWasFirst."""
    values = {**draft.__dict__, "audience": asdict(draft.audience), "format": draft.format or Format.PLAIN}
    campaign = Campaign(
        id=ids.new("cmp"),
        center_id=center_id,
        state=State.DRAFT,
        seed=ids.new("sd"),
        created_at=tx.now,
        created_by=actor,
        **values,
    )
    await store.add(tx, campaign)
    if not await store.keep_receipt(tx, center_id, key, fingerprint=fingerprint, campaign_id=campaign.id):
        raise SomebodyWasFirst
    await audit.note(tx, center_id, actor=actor, action="campaign.create", subject=campaign.id, title=draft.title)
    return Made(campaign, replayed=False)


async def found(tx: Tx, center_id: str, campaign_id: str) -> Campaign:
    """This center's campaign. Raises NotFound."""
    campaign = await store.find(tx, center_id, campaign_id)
    if campaign is None:
        raise NotFound("campaign_not_found", "There is no such campaign in this center.")
    return campaign
