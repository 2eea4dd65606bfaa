"""Hand-off: each leader gets one message that lists his groups, and from then on they are his to confirm."""

from collections import defaultdict
from collections.abc import Sequence

import structlog

from app.core.db import Tx
from app.core.jobs import WAKE
from app.core.outages import concerns_all
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import State as CampaignState
from app.domain.deliveries.states import Kind
from app.domain.relays import store as relays
from app.flows.adopt import adopt
from app.flows.assign import HAND_OUT, TOLD_IN_MAIN_GROUP, assign
from app.flows.cascade import tell_turn
from app.flows.correspond import Held, write
from app.flows.kit import Kit
from app.flows.main_group import tell_main_group

log = structlog.get_logger(__name__)

BATCH = 200


async def hand_off_due(kit: Kit) -> int:
    """Ask every leader whose hour has come; answers how many were asked. A campaign that fails holds up no other."""
    asked = 0
    while True:
        async with kit.db.read() as tx:
            pairs = await relays.to_hand_off(tx, await campaigns.asking(tx), limit=BATCH)
        by_campaign: defaultdict[str, list[str | None]] = defaultdict(list)
        for campaign_id, leader_id in pairs:
            by_campaign[campaign_id].append(leader_id)
        done = [await _ask(kit, *item) for item in by_campaign.items()]
        asked += sum(done)
        if len(pairs) < BATCH or not any(done):
            return asked


async def _ask(kit: Kit, campaign_id: str, leader_ids: Sequence[str | None]) -> int:
    try:
        async with kit.db.write() as tx:
            asked = await _campaign(tx, campaign_id, leader_ids)
            if asked:
                tx.then(WAKE, "hand_off")
    except Exception as error:
        if concerns_all(error):
            raise
        log.exception("hand_off_failed", campaign=campaign_id)
        return 0
    return asked


async def _campaign(tx: Tx, campaign_id: str, leader_ids: Sequence[str | None]) -> int:
    campaign = await campaigns.hold(tx, campaign_id)
    if campaign is None or campaign.state not in {CampaignState.RUNNING, CampaignState.SCHEDULED}:
        return 0
    await tell_turn(tx, campaign)
    if None in leader_ids:
        leader_ids = [*leader_ids, *await adopt(tx, campaign)]
    held = await relays.waiting_for(tx, campaign_id, [one for one in leader_ids if one])
    by_leader: defaultdict[str, list[Held]] = defaultdict(list)
    for relay in held:
        by_leader[str(relay.leader_id)].append(relay)
    reached = await write(tx, campaign, by_leader, kind=Kind.HAND_OFF)
    in_main_group = bool(held) and await tell_main_group(tx, campaign)
    await assign(tx, campaign, held, reached=reached, otherwise=TOLD_IN_MAIN_GROUP if in_main_group else HAND_OUT)
    return len(by_leader)
