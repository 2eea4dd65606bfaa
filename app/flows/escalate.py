"""Escalate: when a step of the policy is due, the leader is reminded once, of what is still open and nothing else."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import TypeVar

from app.core.db import Tx
from app.core.jobs import WAKE
from app.core.journal import Move, Subject, append
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import State as CampaignState
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.states import Kind
from app.domain.escalation.rules import NUDGES_A_DAY, Step, due_at, read
from app.domain.relays import store as relays
from app.flows.brief import Campaign
from app.flows.correspond import Held, write
from app.flows.kit import Kit

BATCH = 500
DAY = timedelta(hours=24)

T = TypeVar("T")
K = TypeVar("K")


async def escalate(kit: Kit) -> int:
    """Take the steps that are due, each once per relay; answers how many relays took one."""
    taken = 0
    async with kit.db.write() as tx:
        due = await relays.step_due(tx, tx.now, limit=BATCH)
        for campaign_id, open_relays in _by(due, lambda relay: relay.campaign_id).items():
            campaign = await campaigns.hold(tx, campaign_id)
            if campaign is None or campaign.state is not CampaignState.RUNNING:
                continue
            steps = read(campaign.escalation)
            window = _by(open_relays, lambda relay: (relay.steps_taken, relay.assigned_at, relay.deadline_at))
            advanced = [relay for alike in window.values() for relay in await _advance(tx, steps, alike)]
            await _remind(tx, campaign, advanced)
            taken += len(advanced)
        if taken:
            tx.then(WAKE, "nudge")
    return taken


def _by(items: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    groups: defaultdict[K, list[T]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return groups


async def _advance(tx: Tx, steps: Sequence[Step], alike: Sequence[Held]) -> list[Held]:
    """Move relays that stand at the same step on to the next; answers those that this call moved."""
    first = alike[0]
    number = first.steps_taken + 1
    next_at = due_at(steps, number, starts_at=first.assigned_at or tx.now, deadline_at=first.deadline_at)
    moved = set(await relays.step_taken(tx, [relay.id for relay in alike], steps_taken=number, next_step_at=next_at))
    return [relay for relay in alike if relay.id in moved]


async def _remind(tx: Tx, campaign: Campaign, advanced: Sequence[Held]) -> None:
    """One digest per leader with room in his day; the others' relays say why nobody was told."""
    by_leader = _by(advanced, lambda relay: str(relay.leader_id))
    told = await deliveries.nudges_since(tx, list(by_leader), tx.now - DAY)
    within = {leader: mine for leader, mine in by_leader.items() if told.get(leader, 0) < NUDGES_A_DAY}
    reached = await write(tx, campaign, within, kind=Kind.NUDGE)
    await relays.reminded(tx, [relay.id for relay in advanced if relay.leader_id in reached])
    await append(tx, [_line(campaign, relay, reached, within) for relay in advanced])


def _line(campaign: Campaign, relay: Held, reached: set[str], within: dict[str, list[Held]]) -> Move:
    leader = str(relay.leader_id)
    if leader in reached:
        reason = "reminded"
    elif leader in within:
        reason = "not reminded: there is no way to reach the leader"
    else:
        reason = f"not reminded: {NUDGES_A_DAY} nudges in the last 24 hours"
    return Move(campaign.id, relay.id, Subject.RELAY, relay.id, relay.state, relay.state, "muster", reason)
