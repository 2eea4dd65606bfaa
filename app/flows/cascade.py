"""Cascade: a campaign goes down the tree tier by tier. Whoever leads a branch is told first; those beneath him are
asked when he has read it, or when his part of the time has passed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import structlog

from app.core.db import Tx
from app.core.jobs import WAKE
from app.core.outages import concerns_all
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import Cascade
from app.domain.campaigns.states import State as Control
from app.domain.cascade import store as tiers
from app.domain.cascade.rules import beneath, half_of
from app.domain.cascade.states import News
from app.domain.deliveries import store as deliveries
from app.domain.directory import store as directory
from app.domain.relays import store as relays
from app.flows.assign import HAND_OUT, assign
from app.flows.brief import Campaign
from app.flows.correspond import Held
from app.flows.kit import Kit
from app.flows.tell_tiers import Tier, brief, named, note, remind

log = structlog.get_logger(__name__)

BATCH = 200
GOING_OUT = (Control.RUNNING, Control.SCHEDULED)


async def cascade(kit: Kit) -> int:
    """Tell whose turn has come, and go on without those whose time has passed; not while a campaign rests, nor while
    the center's kill switch is on."""
    async with kit.db.read() as tx:
        stirring = await tiers.stirring(tx, await campaigns.asking(tx), limit=BATCH)
    for campaign_id in stirring:
        try:
            async with kit.db.write() as tx:
                campaign = await campaigns.hold(tx, campaign_id)
                if campaign is not None:
                    await _go_on(tx, campaign)
        except Exception as error:
            if concerns_all(error):
                raise
            log.exception("cascade_failed", campaign=campaign_id)
    return len(stirring)


async def _go_on(tx: Tx, campaign: Campaign) -> None:
    if await _rests(tx, campaign):
        return
    await tell_turn(tx, campaign)
    await remind(tx, campaign)
    while late := await tiers.overdue(tx, campaign.id):
        await tiers.move(tx, [one.id for one in late], News.TIME_UP, reason="not read in time", ended_at=tx.now)
        told = await named(tx, late)
        reasons = {one.id: f"not read by {told[one.id]} until {one.until_at:%Y-%m-%d %H:%M} UTC" for one in late}
        await open_tiers(tx, campaign, reasons, actor="muster")


async def _rests(tx: Tx, campaign: Campaign) -> bool:
    if campaign.cascade is not Cascade.TIER_BY_TIER or campaign.state not in GOING_OUT:
        return True
    return bool(await deliveries.closed_gates(tx, [campaign.center_id]))


async def open_tiers(tx: Tx, campaign: Campaign, reasons: Mapping[str, str], *, actor: str) -> None:
    """These tiers, by id, wait no more, for the stated reasons: whoever is next beneath is told or asked."""
    for tier_id, reason in reasons.items():
        because = f"{reason}: those beneath are asked"
        await relays.let_go(tx, [tier_id], actor=actor, reason=because)
        await note(tx, campaign, because, actor=actor)
    await tell_turn(tx, campaign)
    tx.then(WAKE, "cascade")


async def tell_turn(tx: Tx, campaign: Campaign) -> None:
    """Tell the leaders whose turn has come, once each, what will go out beneath them; what is theirs to post comes with
    the same letter. The campaign's row is held."""
    if await _rests(tx, campaign):
        return
    turn = await tiers.turn(tx, campaign.id)
    if not turn or await _pass_empty(tx, campaign, turn):
        return
    await tiers.move(tx, [one.id for one in turn], News.TOLD, told_at=tx.now)
    await tiers.remind_at(tx, {one.id: half_of(tx.now, one.until_at) for one in turn})
    by_leader: defaultdict[str, list[Tier]] = defaultdict(list)
    for one in turn:
        by_leader[one.leader_id].append(one)
    own: defaultdict[str, list[Held]] = defaultdict(list)
    for relay in await relays.waiting_for(tx, campaign.id, list(by_leader)):
        own[str(relay.leader_id)].append(relay)
    reached = await brief(tx, campaign, by_leader, own)
    mine = [relay for some in own.values() for relay in some]
    await assign(tx, campaign, mine, reached=reached, otherwise=HAND_OUT)
    names = await named(tx, turn)
    for one in turn:
        unreached = "" if one.leader_id in reached else ", whom no account can write to: hand out the link"
        await note(tx, campaign, f"{names[one.id]} comes first{unreached}")


async def _pass_empty(tx: Tx, campaign: Campaign, turn: Sequence[Tier]) -> bool:
    """Nobody is told first of a branch in which no group is left; whoever is next is told in this same breath. Answers
    whether there was one."""
    tree = await directory.parents(tx, campaign.center_id)
    empty = [one for one in turn if not await relays.first_in(tx, campaign.id, beneath(tree, [one.branch_id]), limit=1)]
    if not empty:
        return False
    await tiers.move(tx, [one.id for one in empty], News.VACANT, reason="no group is left there", ended_at=tx.now)
    names = await named(tx, empty)
    reasons = {one.id: f"no group is left for {names[one.id]}" for one in empty}
    await open_tiers(tx, campaign, reasons, actor="muster")
    return True
