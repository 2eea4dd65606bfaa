"""A campaign is over: the groups it left behind are kept under a tag for the next one."""

from collections.abc import Sequence

from app.core import audit
from app.core.errors import Conflict
from app.domain.access.rules import Caller
from app.domain.campaigns import service as campaigns
from app.domain.directory import store as directory
from app.domain.directory.service.pools import Pooled, keep_together
from app.domain.relays import store as relays
from app.domain.relays.states import State
from app.flows.kit import Kit

SLICE = 2_000


async def pool(
    kit: Kit, caller: Caller, campaign_id: str, *, tag: str, states: Sequence[State], dormant: bool
) -> Pooled:
    """Put the campaign's groups, or those whose relays ended in these states, under the tag. Raises NotFound, and
    Conflict while the campaign is not over."""
    async with kit.db.write() as tx:
        campaign = await campaigns.found(tx, caller.center_id, campaign_id)
        if campaign.planned_at is None or await relays.any_open(tx, campaign_id):
            raise Conflict("campaign_not_over", "This campaign is not over: some of its groups are still open.")
        await directory.lock(tx, caller.center_id)
        pooled, after = Pooled(), ""
        while group_ids := await relays.groups_ended(tx, campaign_id, states, after=after, limit=SLICE):
            reason = f"kept in the pool “{tag}”"
            pooled += await keep_together(tx, group_ids, tag=tag, dormant=dormant, reason=reason)
            after = group_ids[-1]
        detail = {"tag": tag, "dormant": dormant, "groups": pooled.groups}
        await audit.note(
            tx, caller.center_id, actor=caller.actor, action="campaign.pool", subject=campaign_id, **detail
        )
    return pooled
