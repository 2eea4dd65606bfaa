"""Last resort: what no leader posted in time is posted by an account, where the group has one; what no account can post
falls back to a leader. Nothing goes to a group both ways: the one who does it first takes it from the other."""

from collections.abc import Sequence
from typing import Any

from app.core.db import Tx
from app.core.jobs import WAKE
from app.core.journal import Move, Subject, append
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import RESTING, Mode, RouteChoice
from app.domain.campaigns.states import State as CampaignState
from app.domain.deliveries import store as deliveries
from app.domain.directory import store as directory
from app.domain.escalation.rules import due_at, read
from app.domain.relays import store as relays
from app.domain.relays.states import News, Route
from app.flows.advance import by, wanted
from app.flows.announce import postable, to_post
from app.flows.brief import Campaign
from app.flows.correspond import Held
from app.flows.kit import Kit
from app.flows.night import turns

BATCH = 500


async def last_resort(
    kit: Kit, tx: Tx, campaign: Campaign, held: Sequence[Held], *, actor: str, because: str
) -> set[str]:
    """Have accounts post these locked relays, where a bot may and none has tried; answers those that will be."""
    tried = await deliveries.announced(tx, [relay.id for relay in held])
    may = campaign.route is not RouteChoice.LEADER and campaign.mode is not Mode.EDIT
    doors = await postable(kit, tx, campaign, [relay for relay in held if relay.id not in tried]) if may else {}
    ids = [relay.id for relay in held if relay.id in doors]
    reason = f"an account posts it as the last resort: {because}"
    moved = await relays.move(tx, ids, News.LAST_RESORT, actor=actor, reason=reason, route=Route.BOT, next_step_at=None)
    await to_post(tx, campaign, [relay for relay in held if relay.id in moved], doors)
    if moved:
        tx.then(WAKE, "last_resort")
    return set(moved)


async def fall_back(kit: Kit) -> int:
    """Relays that no account can post become a leader's, where the group has that route and somebody in line."""
    async with kit.db.read() as tx:
        where = await relays.with_fallen(tx, besides=await campaigns.resting(tx))
    if not where:
        return 0
    async with kit.db.write() as tx:
        held = await campaigns.hold_all(tx, where)
        stirring = [one.id for one in held.values() if one.state not in RESTING]
        fallen = await relays.fallen(tx, stirring, limit=BATCH)
        for campaign_id, some in by(fallen, lambda relay: relay.campaign_id).items():
            campaign = held[campaign_id]
            stays = campaign.route is RouteChoice.BOT or campaign.mode is Mode.EDIT  # that was not asked for
            if campaign.state is not CampaignState.RUNNING or stays:
                await relays.quieten(tx, [relay.id for relay in some], next_step_at=None)
            else:
                await _to_leaders(tx, campaign, await wanted(tx, some))
    return len(fallen)


async def _to_leaders(tx: Tx, campaign: Campaign, fallen: Sequence[Held]) -> None:
    routes = {
        group.group_id: group.routes
        for group in await campaigns.frozen(tx, campaign.id, [relay.group_id for relay in fallen])
    }
    lines = await directory.lines(tx, campaign.center_id, [relay.group_id for relay in fallen])
    times = await turns(tx, campaign, fallen)
    for relay in fallen:
        if relay.assigned_at is not None:  # leaders had their turn: the policy goes on where it stands
            at = due_at(
                read(campaign.escalation),
                relay.steps_taken,
                starts_at=relay.assigned_at,
                deadline_at=relay.deadline_at,
            )
            await relays.hand_back(tx, relay.id, next_step_at=at)
            continue
        leaders = lines[relay.group_id].whole if relay.group_id in lines else []
        if "leader" not in routes.get(relay.group_id, ()) or not leaders:
            await relays.quieten(tx, [relay.id], next_step_at=None)
            await append(tx, [_nobody(campaign, relay)])
            continue
        begins_at, ends_at = times[relay.id]
        values: dict[str, Any] = {
            "route": Route.LEADER,
            "leader_id": leaders[0],
            "starts_at": begins_at,
            "deadline_at": ends_at,
            "next_step_at": None,
        }
        reason = f"no account could post it ({relay.reason}): a leader is asked"
        await relays.move(tx, [relay.id], News.FELL_BACK, actor="muster", reason=reason, **values)
        await campaigns.lasts(tx, campaign.id, until=ends_at)


def _nobody(campaign: Campaign, relay: Held) -> Move:
    reason = "it stays failed: the group has no leader route, or nobody is in line"
    return Move(campaign.id, relay.id, Subject.RELAY, relay.id, relay.state, relay.state, "muster", reason)
