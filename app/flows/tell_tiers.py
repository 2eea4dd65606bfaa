"""Tell tiers: what a regional leader hears of a campaign that goes down the tree. One letter when his turn comes, one
more where half of his time passes without his word; and what the campaign's own story says of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
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
from app.flows.advance import by
from app.flows.brief import Campaign
from app.flows.correspond import Held, write
from app.flows.letters import MOST_NAMES, Besides
from app.flows.remind import DAY
from app.flows.space_letters import rest

Tree = Mapping[str, str | None]
About = tuple[Sequence[Held], Besides]


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


async def _beneath(tx: Tx, campaign: Campaign, tree: Tree, his: Sequence[Tier], *, own: int = 0) -> About:
    """The first groups in one leader's branches, and what a letter about them says besides."""
    branches = beneath(tree, [one.branch_id for one in his])
    seen = await relays.standing_in(tx, campaign.id, branches, by=tx.now, besides=his[0].leader_id)
    first = await relays.first_in(tx, campaign.id, branches, limit=MOST_NAMES)
    facts: dict[str, str | datetime] = {"leaders": str(seen.leaders), "own": str(own)}
    return first, Besides(seen.total, {**facts, "until": min(one.until_at for one in his)})


async def remind(tx: Tx, campaign: Campaign) -> None:
    """Whoever was told, and has not said for half of his time that he read it, hears of it once more. At night that
    waits for the morning, and where another campaign has just written to him for a quarter of an hour, unless it goes
    on without him before. The campaign's row is held."""
    waiting = await tiers.to_remind(tx, campaign.id)
    if not waiting:
        return
    by_leader = by(waiting, lambda one: one.leader_id)
    tree = await directory.parents(tx, campaign.center_id)
    about = {leader: await _beneath(tx, campaign, tree, his) for leader, his in by_leader.items()}
    begins = await _begins(tx, campaign, {leader: first for leader, (first, _) in about.items()}, by_leader)
    later = {leader: at for leader, at in begins.items() if at > tx.now}
    moments = {one.id: later.get(one.leader_id) for one in waiting}
    await tiers.remind_at(tx, moments)
    due = {leader: about[leader] for leader in begins if leader not in later}
    why = await _nudge(tx, campaign, due)
    names = await named(tx, [one for one in waiting if one.leader_id in due])
    await append(tx, [told(campaign, f"{names[one.id]} is {why[one.leader_id]}") for one in waiting if one.id in names])


async def _begins(
    tx: Tx, campaign: Campaign, about: Mapping[str, Sequence[Held]], by_leader: Mapping[str, Sequence[Tier]]
) -> dict[str, datetime]:
    """From when on a letter about these groups may leave to each of these leaders; without those in whose branches
    every group was excused meanwhile. An incident waits for nothing."""
    group_ids = sorted({one.group_id for first in about.values() for one in first})
    zones = {group.id: group.timezone for group in await directory.targets(tx, group_ids)}
    center = await access.center(tx, campaign.center_id)
    until = {leader: min(one.until_at for one in his) for leader, his in by_leader.items()}
    rests = await rest(tx, campaign, until)
    begins = {}
    for leader, first in about.items():
        zone = next(filter(None, (zones[one.group_id] for one in first)), center.timezone)
        at = rests.get(leader, tx.now)
        if first:
            begins[leader] = after_quiet(at, zone) if zone and campaign.priority is not Priority.INCIDENT else at
    return begins


async def _nudge(tx: Tx, campaign: Campaign, about: Mapping[str, About]) -> dict[str, str]:
    """What became of it, for each leader."""
    spent = await deliveries.nudges_since(tx, list(about), tx.now - DAY)
    within = {leader: each for leader, each in about.items() if spent.get(leader, 0) < NUDGES_A_DAY}
    first = {leader: some for leader, (some, _) in within.items()}
    besides = {leader: more for leader, (_, more) in within.items()}
    reached = await write(tx, campaign, first, kind=Kind.NUDGE, words="briefing_nudge", besides=besides)
    unreached = "not reminded to read it: no account can write to him"
    enough = f"not reminded to read it: {NUDGES_A_DAY} nudges in the last 24 hours"
    why = {leader: "reminded to read it" if leader in reached else unreached for leader in within}
    return dict.fromkeys(about, enough) | why


async def named(tx: Tx, some: Sequence[Tier]) -> dict[str, str]:
    """Each of these tiers, by id, as `leader (branch)`."""
    people = await directory.names(tx, sorted({one.leader_id for one in some}))
    paths = await directory.paths(tx, sorted({one.branch_id for one in some}))
    return {one.id: f"{people[one.leader_id]} ({paths[one.branch_id]})" for one in some}


async def note(tx: Tx, campaign: Campaign, reason: str, *, actor: str = "muster") -> None:
    """A line of the campaign's own story."""
    await append(tx, [told(campaign, reason, actor=actor)])


def told(campaign: Campaign, reason: str, *, actor: str = "muster") -> Move:
    state = campaign.state.value
    return Move(campaign.id, campaign.id, Subject.CAMPAIGN, campaign.id, state, state, actor, reason)
