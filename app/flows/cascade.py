"""Cascade: a campaign goes down the tree tier by tier. Whoever leads a branch is told first; those beneath him are
asked when he has read it, or when his part of the time has passed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import structlog

from app.core.db import TROUBLE, Tx
from app.core.jobs import WAKE
from app.core.journal import Move, Subject, append
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import Cascade
from app.domain.campaigns.states import State as Control
from app.domain.cascade import store as tiers
from app.domain.cascade.rules import beneath
from app.domain.cascade.states import News
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.states import Kind
from app.domain.directory import store as directory
from app.domain.relays import store as relays
from app.flows.assign import HAND_OUT, assign
from app.flows.brief import Campaign
from app.flows.correspond import Held, write
from app.flows.kit import Kit
from app.flows.letters import MOST_NAMES, Besides

log = structlog.get_logger(__name__)

BATCH = 200
GOING_OUT = (Control.RUNNING, Control.SCHEDULED)


class Tier(Protocol):
    """The facts of a tier that this flow reads."""

    id: str
    branch_id: str
    parent_id: str | None
    leader_id: str
    until_at: datetime


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
        except TROUBLE:
            raise
        except Exception:
            log.exception("cascade_failed", campaign=campaign_id)
    return len(stirring)


async def _go_on(tx: Tx, campaign: Campaign) -> None:
    if await _rests(tx, campaign):
        return
    await tell_turn(tx, campaign)
    while late := await tiers.overdue(tx, campaign.id):
        await tiers.move(tx, [one.id for one in late], News.TIME_UP, reason="not read in time", ended_at=tx.now)
        told = await named(tx, campaign, late)
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
    by_leader: defaultdict[str, list[Tier]] = defaultdict(list)
    for one in turn:
        by_leader[one.leader_id].append(one)
    own: defaultdict[str, list[Held]] = defaultdict(list)
    for relay in await relays.waiting_for(tx, campaign.id, list(by_leader)):
        own[str(relay.leader_id)].append(relay)
    reached = await _brief(tx, campaign, by_leader, own)
    mine = [relay for some in own.values() for relay in some]
    await assign(tx, campaign, mine, reached=reached, otherwise=HAND_OUT)
    names = await named(tx, campaign, turn)
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
    names = await named(tx, campaign, empty)
    reasons = {one.id: f"no group is left for {names[one.id]}" for one in empty}
    await open_tiers(tx, campaign, reasons, actor="muster")
    return True


async def _brief(
    tx: Tx, campaign: Campaign, by_leader: Mapping[str, Sequence[Tier]], own: Mapping[str, Sequence[Held]]
) -> set[str]:
    """One letter for each of these leaders about all of his branches; answers those who get one."""
    tree = await directory.parents(tx, campaign.center_id)
    first: dict[str, dict[str, Sequence[Held]]] = {"briefing": {}, "briefing_own": {}}
    besides = {}
    for leader_id, his in by_leader.items():
        branches = beneath(tree, [one.branch_id for one in his])
        seen = await relays.standing_in(tx, campaign.id, branches, by=tx.now, besides=leader_id)
        words = "briefing_own" if own.get(leader_id) else "briefing"
        first[words][leader_id] = await relays.first_in(tx, campaign.id, branches, limit=MOST_NAMES)
        facts: dict[str, str | datetime] = {"leaders": str(seen.leaders), "own": str(len(own.get(leader_id, ())))}
        besides[leader_id] = Besides(seen.total, {**facts, "until": min(one.until_at for one in his)})
    reached: set[str] = set()
    for words, some in first.items():
        reached |= await write(tx, campaign, some, kind=Kind.HAND_OFF, words=words, besides=besides)
    return reached


async def named(tx: Tx, campaign: Campaign, some: Sequence[Tier]) -> dict[str, str]:
    """Each of these tiers, by id, as `leader (branch)`."""
    people = {one.id: one.name for one in await directory.people(tx, sorted({one.leader_id for one in some}))}
    paths = {one.id: one.path for one in await directory.branches(tx, campaign.center_id)}
    return {one.id: f"{people[one.leader_id]} ({paths[one.branch_id]})" for one in some}


async def note(tx: Tx, campaign: Campaign, reason: str, *, actor: str = "muster") -> None:
    """A line of the campaign's own story."""
    state = campaign.state.value
    await append(tx, [Move(campaign.id, campaign.id, Subject.CAMPAIGN, campaign.id, state, state, actor, reason)])
