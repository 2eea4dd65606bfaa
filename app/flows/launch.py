"""Launch: from here on the campaign is frozen. Who is in the audience is copied in the same transaction. Where a second
person has to agree, a launch has the draft wait for him."""

from dataclasses import asdict, replace
from typing import Any

from app.core import audit
from app.core.db import Tx
from app.core.errors import Conflict, FieldError
from app.core.jobs import PLAN
from app.domain.access import service as access
from app.domain.access.rules import Caller
from app.domain.campaigns import service, store
from app.domain.campaigns.rules import Audience, seal
from app.domain.campaigns.states import News, State
from app.domain.directory import store as directory
from app.flows.brief import Campaign
from app.flows.kit import Kit
from app.flows.preflight import blockers
from app.flows.supersede import make_way, supersede


async def launch(kit: Kit, caller: Caller, campaign_id: str) -> None:
    """Freeze a draft and promise its plan, or submit it. Raises NotFound, and Conflict with the blockers."""
    await sound(kit, caller, campaign_id, State.DRAFT)
    async with kit.db.write() as tx:
        campaign = await held(tx, caller, campaign_id, State.DRAFT)
        center = await access.center(tx, caller.center_id)
        if campaign.needs_approval or center.needs_approval:
            await _submit(tx, caller, campaign)
        else:
            await begin(tx, caller, campaign, action="campaign.launch")
    if campaign.corrects_id:
        await make_way(kit, campaign.corrects_id)


async def sound(kit: Kit, caller: Caller, campaign_id: str, state: State) -> None:
    """Raises Conflict unless the campaign is in this state and nothing stands in its way."""
    async with kit.db.read() as tx:
        campaign = await service.found(tx, caller.center_id, campaign_id)
        if campaign.state is not state:
            raise not_now(campaign.state, wanted=state)
        starts_at = max(campaign.send_at or tx.now, tx.now)
        found = await blockers(kit, tx, campaign, starts_at=starts_at)
    if found:
        raise Conflict(
            "blocked",
            "The campaign cannot be launched: " + " ".join(finding.message for finding in found),
            errors=[FieldError(f"/blockers/{finding.code}", finding.message) for finding in found],
        )


async def held(tx: Tx, caller: Caller, campaign_id: str, state: State) -> Campaign:
    """The campaign, its row locked: nobody else takes it further meanwhile. Raises Conflict unless it is in this state:
    what sends a draft on its way is another word for one that waits for a second person."""
    await store.hold(tx, campaign_id)
    campaign = await service.found(tx, caller.center_id, campaign_id)
    if campaign.state is not state:
        raise not_now(campaign.state, wanted=state)
    return campaign


async def begin(tx: Tx, caller: Caller, campaign: Campaign, *, action: str, **values: Any) -> None:
    """The campaign runs, or waits for its hour. Raises Conflict when somebody was first."""
    now = tx.now
    starts_at = max(campaign.send_at or now, now)
    news = News.SCHEDULED if starts_at > now else News.LAUNCHED
    moved = {"launched_at": now, "starts_at": starts_at, **values}
    wanted = Audience(**campaign.audience)
    audience = directory.audience(campaign.center_id, **wanted.__dict__)
    if campaign.corrects_id:  # whom it leaves out is in its ledger, with the reason
        audience = directory.with_resting(campaign.center_id, **wanted.__dict__)
        moved["audience"] = asdict(replace(wanted, exclude=await supersede(tx, caller, campaign)))
    if not await store.tell(tx, campaign.id, news, actor=caller.actor, **moved):
        raise not_now(campaign.state)
    count = await store.freeze(tx, campaign.id, audience)
    await audit.note(tx, campaign.center_id, actor=caller.actor, action=action, subject=campaign.id, groups=count)
    tx.then(PLAN, campaign.id)


async def _submit(tx: Tx, caller: Caller, campaign: Campaign) -> None:
    sealed = seal(campaign)
    reason = "a second person has to agree"
    told: dict[str, Any] = {"actor": caller.actor, "reason": reason, "sealed": sealed, "rejection": None}
    if not await store.tell(tx, campaign.id, News.SUBMITTED, **told):
        raise not_now(campaign.state)
    actor, action = caller.actor, "campaign.submit"
    await audit.note(tx, campaign.center_id, actor=actor, action=action, subject=campaign.id, fingerprint=sealed)


def not_now(state: State, *, wanted: State = State.DRAFT) -> Conflict:
    """For a campaign that is, or has just become, something else."""
    only = "a draft can be launched" if wanted is State.DRAFT else "what waits for it can be approved or rejected"
    seen = "has just been taken further" if state is wanted else f"is {state.value}"
    return Conflict("wrong_state", f"Only {only}; this campaign {seen}.")
