"""Nudge owners: whoever was asked by the platform of his groups is reminded by it, too, as often as it lets that
through; of everything else he hears by letter."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.core.db import Tx
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.states import Kind
from app.domain.tasks import store as tasks
from app.domain.tasks.rules import may_remind
from app.flows.ask import awake, delivery
from app.flows.brief import Campaign
from app.flows.correspond import Held, Part

LATE = timedelta(minutes=10)
"""So long a reminder of what is missed already is worth sending."""
ENOUGH = "not reminded: its platform lets through three reminders in 24 hours"


@dataclass(frozen=True)
class Nudged:
    """By the ids of relays: of which the platform reminds their owners, and of which it would not any more. `letters`
    is what is left, by leader, as it was given."""

    reminded: frozenset[str]
    enough: frozenset[str]
    letters: Mapping[str, Sequence[Part]]


async def nudge_owners(tx: Tx, parts: Mapping[str, Sequence[Part]]) -> Nudged:
    """Have those of these leaders reminded by their platform who were asked by it and have it still."""
    reminded: set[str] = set()
    enough: set[str] = set()
    letters: defaultdict[str, list[Part]] = defaultdict(list)
    for leader, some in parts.items():
        for campaign, mine in some:
            by_task = await _by_task(tx, campaign, leader, mine)
            told = await deliveries.reminders_of(tx, [task.delivery_id for task, _ in by_task])
            for task, held in by_task:
                may = may_remind(told[task.delivery_id], tx.now)
                (reminded if may else enough).update(relay.id for relay in held)
                if may:
                    await _remind(tx, campaign, task, held)
            rest = [relay for relay in mine if relay.id not in reminded | enough]
            if rest:
                letters[leader].append((campaign, rest))
    return Nudged(frozenset(reminded), frozenset(enough), letters)


async def _by_task(
    tx: Tx, campaign: Campaign, leader_id: str, mine: Sequence[Held]
) -> list[tuple[Any, Sequence[Held]]]:
    """The tasks that this leader still has, each with the relays among his that are in it."""
    if not any(relay.task_id for relay in mine):
        return []
    found = await tasks.of_leaders(tx, campaign.id, [leader_id])
    return [(task, held) for task in found if (held := [relay for relay in mine if relay.task_id == task.id])]


async def _remind(tx: Tx, campaign: Campaign, task: Any, held: Collection[Held]) -> None:
    about = {name: getattr(task, name) for name in ("center_id", "campaign_id", "account_id", "leader_id", "text_id")}
    row = delivery(tx, task.id, about, kind=Kind.NUDGE, of_id=task.delivery_id)
    row["due_at"] = await awake(tx, campaign)
    row["expires_at"] = max(*(relay.deadline_at for relay in held), row["due_at"] + LATE)
    await deliveries.create(tx, [row])
