"""Recall: what has not left is called off, and what stands, or comes to stand after all, is to be taken back."""

from collections.abc import Sequence

from app.core import audit
from app.core.db import Tx
from app.core.errors import Conflict
from app.core.jobs import WAKE
from app.domain.access.rules import Caller
from app.domain.campaigns import service
from app.domain.campaigns import store as campaigns
from app.domain.deliveries import store as deliveries
from app.domain.recalls import store as recalls
from app.domain.relays import store as relays
from app.domain.relays.states import State
from app.flows.call_off import call_off_some
from app.flows.control import cancel, outlast_claims
from app.flows.kit import Kit
from app.flows.retry import known
from app.flows.take_back import take_back

BATCH = 1_000
MAY_STAND = (State.POSTING, State.RELAYED, State.UNCERTAIN)
CALLED_OFF = "it is taken back before it left"


async def recall(kit: Kit, caller: Caller, campaign_id: str, *, groups: Sequence[str] | None = None) -> None:
    """Take a launched campaign back, as a whole, which cancels it, or in these groups. What can be done at once is
    begun when this returns; what is under way or in doubt follows. Raises NotFound, Conflict, Invalid."""
    async with kit.db.read() as tx:
        campaign = await service.found(tx, caller.center_id, campaign_id)
        if campaign.launched_at is None:
            raise Conflict("wrong_state", f"Nothing of a campaign that is {campaign.state.value} has been posted.")
        await known(tx, campaign_id, groups)
    if groups is None:
        await cancel(kit, caller, campaign_id)
    else:
        await _call_off(kit, campaign_id, groups)
        await outlast_claims(kit, campaign_id)
    async with kit.db.write() as tx:
        await campaigns.hold(tx, campaign_id)
        in_part = await deliveries.begun(tx, campaign_id, groups=groups)
        await recalls.want(tx, campaign_id, sorted(in_part), actor=caller.actor)
    after = ""
    while True:
        async with kit.db.write() as tx:
            await campaigns.hold(tx, campaign_id)
            relay_ids = await relays.in_states(tx, campaign_id, MAY_STAND, group_ids=groups, after=after, limit=BATCH)
            await recalls.want(tx, campaign_id, relay_ids, actor=caller.actor)
            if len(relay_ids) < BATCH:
                await _note(tx, caller, campaign_id, groups)
                break
            after = relay_ids[-1]
    while await take_back(kit):
        pass


async def _call_off(kit: Kit, campaign_id: str, groups: Sequence[str]) -> None:
    """What has not left into these groups will not leave."""
    more = True
    while more:
        async with kit.db.write() as tx:
            more = bool(await call_off_some(tx, campaign_id, reason=CALLED_OFF, group_ids=groups))


async def _note(tx: Tx, caller: Caller, campaign_id: str, groups: Sequence[str] | None) -> None:
    which = "all" if groups is None else len(groups)
    actor, action = caller.actor, "campaign.recall"
    await audit.note(tx, caller.center_id, actor=actor, action=action, subject=campaign_id, groups=which)
    tx.then(WAKE, "recall")
