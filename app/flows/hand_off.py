"""Hand-off: each leader gets one message that lists his groups, and from then on they are his to confirm."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.core.db import Tx
from app.core.jobs import WAKE
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import State as CampaignState
from app.domain.deliveries.states import Kind
from app.domain.escalation.rules import due_at as step_due_at
from app.domain.escalation.rules import read
from app.domain.relays import store as relays
from app.domain.relays.states import News
from app.flows.correspond import Held, write
from app.flows.kit import Kit
from app.flows.main_group import tell_main_group

BATCH = 200
_TOLD_IN_MAIN_GROUP = "told in the main group only: no account can write to the leader"


async def hand_off_due(kit: Kit) -> int:
    """Ask every leader whose hour has come; answers how many were asked."""
    asked = 0
    while True:
        async with kit.db.write() as tx:
            pairs = await relays.to_hand_off(tx, await campaigns.asking(tx), limit=BATCH)
            by_campaign: defaultdict[str, list[str]] = defaultdict(list)
            for campaign_id, leader_id in pairs:
                by_campaign[campaign_id].append(leader_id)
            done = [await _campaign(tx, *item) for item in by_campaign.items()]
            if any(done):
                tx.then(WAKE, "hand_off")
        asked += sum(done)
        if len(pairs) < BATCH or not any(done):
            return asked


async def _campaign(tx: Tx, campaign_id: str, leader_ids: Sequence[str]) -> int:
    campaign = await campaigns.hold(tx, campaign_id)
    if campaign is None or campaign.state not in {CampaignState.RUNNING, CampaignState.SCHEDULED}:
        return 0
    held = await relays.waiting_for(tx, campaign_id, leader_ids)
    by_leader: defaultdict[str, list[Held]] = defaultdict(list)
    for relay in held:
        by_leader[str(relay.leader_id)].append(relay)
    reached = await write(tx, campaign, by_leader, kind=Kind.HAND_OFF)
    in_main_group = bool(held) and await tell_main_group(tx, campaign)
    steps = read(campaign.escalation)
    alike: defaultdict[tuple[datetime, bool], list[str]] = defaultdict(list)
    for relay in held:
        alike[relay.deadline_at, relay.leader_id in reached].append(relay.id)
    for (deadline_at, written), relay_ids in alike.items():
        next_step_at = step_due_at(steps, 0, starts_at=tx.now, deadline_at=deadline_at)
        nobody_wrote = _TOLD_IN_MAIN_GROUP if in_main_group else "no account can write to the leader: hand out the link"
        reason = "" if written else nobody_wrote
        values: dict[str, Any] = {"assigned_at": tx.now, "next_step_at": next_step_at}
        await relays.move(tx, relay_ids, News.HANDED_OFF, actor="muster", reason=reason, **values)
    return len(by_leader)
