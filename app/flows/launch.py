"""Launch: from here on the campaign is frozen. Who is in the audience is copied in the same transaction."""

from app.core import audit
from app.core.errors import Conflict, FieldError
from app.core.jobs import PLAN
from app.domain.access.rules import Caller
from app.domain.campaigns import service, store
from app.domain.campaigns.rules import Audience
from app.domain.campaigns.states import News, State
from app.domain.directory import store as directory
from app.flows.kit import Kit
from app.flows.preflight import blockers


async def launch(kit: Kit, caller: Caller, campaign_id: str) -> None:
    """Freeze a draft and promise its plan. Raises NotFound, and Conflict with the blockers."""
    async with kit.db.read() as tx:
        campaign = await service.found(tx, caller.center_id, campaign_id)
        if campaign.state is not State.DRAFT:
            raise _not_a_draft(campaign.state)
        starts_at = max(campaign.send_at or tx.now, tx.now)
        found = await blockers(kit, tx, campaign, starts_at=starts_at)
    if found:
        raise Conflict(
            "blocked",
            "The campaign cannot be launched: " + " ".join(finding.message for finding in found),
            errors=[FieldError(f"/blockers/{finding.code}", finding.message) for finding in found],
        )
    async with kit.db.write() as tx:
        campaign = await service.found(tx, caller.center_id, campaign_id)
        now = tx.now
        starts_at = max(campaign.send_at or now, now)
        news = News.SCHEDULED if starts_at > now else News.LAUNCHED
        if not await store.tell(tx, campaign_id, news, actor=caller.actor, launched_at=now, starts_at=starts_at):
            raise _not_a_draft(campaign.state)
        audience = directory.audience(campaign.center_id, **Audience(**campaign.audience).__dict__)
        count = await store.freeze(tx, campaign_id, audience)
        await audit.note(
            tx, campaign.center_id, actor=caller.actor, action="campaign.launch", subject=campaign_id, groups=count
        )
        tx.then(PLAN, campaign_id)


def _not_a_draft(state: State) -> Conflict:
    seen = "has just been launched" if state is State.DRAFT else f"is {state.value}"
    return Conflict("wrong_state", f"Only a draft can be launched; this campaign {seen}.")
