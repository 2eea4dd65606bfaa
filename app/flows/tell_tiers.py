"""Tell tiers: what a regional leader hears of a campaign that goes down the tree. One letter when his turn comes, one
more where half of his time passes without his word; and what the campaign's own story says of it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from app.core.db import Tx
from app.core.journal import Move, Subject, append
from app.domain.access import service as access
from app.domain.campaigns.states import Priority
from app.domain.cascade import store as tiers
from app.domain.cascade.rules import beneath
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.states import Kind
from app.domain.directory import store as directory
from app.domain.escalation.rules import NUDGES_A_DAY
from app.domain.planning.rules import after_quiet
from app.domain.relays import store as relays
from app.flows.brief import Campaign
from app.flows.correspond import Held, write
from app.flows.letters import MOST_NAMES, Besides

DAY = timedelta(hours=24)
Tree = Mapping[str, str | None]


class Tier(Protocol):
    """The facts of a tier that this flow reads."""

    id: str
    branch_id: str
    parent_id: str | None
    leader_id: str
    until_at: datetime


async def brief(
    tx: Tx, campaign: Campaign, by_leader: Mapping[str, Sequence[Tier]], own: Mapping[str, Sequence[Held]]
) -> set[str]:
    """One letter for each of these leaders about all of his branches; answers those who get one."""
    tree = await directory.parents(tx, campaign.center_id)
    first: dict[str, dict[str, Sequence[Held]]] = {"briefing": {}, "briefing_own": {}}
    besides = {}
    for leader_id, his in by_leader.items():
        words = "briefing_own" if own.get(leader_id) else "briefing"
        mine = len(own.get(leader_id, ()))
        first[words][leader_id], besides[leader_id] = await _beneath(tx, campaign, tree, his, own=mine)
    reached: set[str] = set()
    for words, some in first.items():
        reached |= await write(tx, campaign, some, kind=Kind.HAND_OFF, words=words, besides=besides)
    return reached


async def _beneath(
    tx: Tx, campaign: Campaign, tree: Tree, his: Sequence[Tier], *, own: int = 0
) -> tuple[Sequence[Held], Besides]:
    """The first groups in one leader's branches, and what a letter about them says besides."""
    branches = beneath(tree, [one.branch_id for one in his])
    seen = await relays.standing_in(tx, campaign.id, branches, by=tx.now, besides=his[0].leader_id)
    first = await relays.first_in(tx, campaign.id, branches, limit=MOST_NAMES)
    facts: dict[str, str | datetime] = {"leaders": str(seen.leaders), "own": str(own)}
    return first, Besides(seen.total, {**facts, "until": min(one.until_at for one in his)})


async def remind(tx: Tx, campaign: Campaign) -> None:
    """Whoever was told, and has not said for half of his time that he read it, hears of it once more. At night that
    waits for the morning, unless it goes on without him before. The campaign's row is held."""
    by_leader: defaultdict[str, list[Tier]] = defaultdict(list)
    for one in await tiers.to_remind(tx, campaign.id):
        by_leader[one.leader_id].append(one)
    tree = await directory.parents(tx, campaign.center_id) if by_leader else {}
    for leader_id, his in by_leader.items():
        mine = [one.id for one in his]
        first, besides = await _beneath(tx, campaign, tree, his)
        if not first:  # every group there was excused meanwhile
            await tiers.remind_at(tx, dict.fromkeys(mine))
            continue
        begins = await _not_at_night(tx, campaign, first)
        if begins > tx.now:
            await tiers.remind_at(tx, dict.fromkeys(mine, begins))
            continue
        await tiers.remind_at(tx, dict.fromkeys(mine))
        why = await _nudge(tx, campaign, leader_id, first, besides)
        names = await named(tx, campaign, his)
        for name in names.values():
            await note(tx, campaign, f"{name} is {why}")


async def _not_at_night(tx: Tx, campaign: Campaign, about: Sequence[Held]) -> datetime:
    """From when on a letter about these relays may leave: now, or in the morning. An incident does not wait for it."""
    zones = {group.id: group.timezone for group in await directory.targets(tx, [one.group_id for one in about])}
    center = await access.center(tx, campaign.center_id)
    zone = next(filter(None, (zones[one.group_id] for one in about)), center.timezone)
    return after_quiet(tx.now, zone) if zone and campaign.priority is not Priority.INCIDENT else tx.now


async def _nudge(tx: Tx, campaign: Campaign, leader_id: str, first: Sequence[Held], besides: Besides) -> str:
    """What became of it."""
    told = await deliveries.nudges_since(tx, [leader_id], tx.now - DAY)
    if told.get(leader_id, 0) >= NUDGES_A_DAY:
        return f"not reminded to read it: {NUDGES_A_DAY} nudges in the last 24 hours"
    about = {leader_id: besides}
    reached = await write(tx, campaign, {leader_id: first}, kind=Kind.NUDGE, words="briefing_nudge", besides=about)
    return "reminded to read it" if reached else "not reminded to read it: no account can write to him"


async def named(tx: Tx, campaign: Campaign, some: Sequence[Tier]) -> dict[str, str]:
    """Each of these tiers, by id, as `leader (branch)`."""
    people = {one.id: one.name for one in await directory.people(tx, sorted({one.leader_id for one in some}))}
    paths = {one.id: one.path for one in await directory.branches(tx, campaign.center_id)}
    return {one.id: f"{people[one.leader_id]} ({paths[one.branch_id]})" for one in some}


async def note(tx: Tx, campaign: Campaign, reason: str, *, actor: str = "muster") -> None:
    """A line of the campaign's own story."""
    state = campaign.state.value
    await append(tx, [Move(campaign.id, campaign.id, Subject.CAMPAIGN, campaign.id, state, state, actor, reason)])
