"""Advance: a relay's place in its campaign's policy moves on by one step, once, and its journal says why."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from app.core.db import Tx
from app.core.journal import Move, Subject, append
from app.domain.escalation.rules import Action, Step, due_at, next_in_time
from app.domain.recalls import store as recalls
from app.domain.relays import store as relays
from app.flows.brief import Campaign
from app.flows.correspond import Held

T = TypeVar("T")
K = TypeVar("K")
Some = TypeVar("Some", bound=Held)


def by(items: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    """The items by their key, each group in the order they came."""
    groups: defaultdict[K, list[T]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return groups


def next_at(tx: Tx, steps: Sequence[Step], place: int, relay: Held) -> datetime | None:
    return due_at(steps, place, starts_at=relay.assigned_at or tx.now, deadline_at=relay.deadline_at)


async def wanted(tx: Tx, held: Sequence[Some]) -> list[Some]:
    """Those of these that are not to be taken back; for the others the policy has nothing to do any more."""
    withdrawn = await recalls.concerned(tx, [relay.id for relay in held])
    if withdrawn:
        await relays.quieten(tx, sorted(withdrawn), next_step_at=None)
    return [relay for relay in held if relay.id not in withdrawn]


async def advance(tx: Tx, steps: Sequence[Step], place: int, alike: Sequence[Held]) -> list[Held]:
    """Move relays that stand at the same step on to the next; answers those that this call moved."""
    moved: set[str] = set()
    for at, some in by(alike, lambda relay: next_at(tx, steps, place + 1, relay)).items():
        ids = [relay.id for relay in some]
        moved.update(await relays.step_taken(tx, ids, steps_taken=place + 1, next_step_at=at))
    return [relay for relay in alike if relay.id in moved]


async def go_on(tx: Tx, steps: Sequence[Step], relay: Held, *, past: Collection[Action] = tuple(Action)) -> None:
    """The policy goes on for whoever was given this relay just now: what of `past` was due before is left out."""
    starts_at, deadline_at = relay.assigned_at or tx.now, relay.deadline_at
    how = {"starts_at": starts_at, "deadline_at": deadline_at, "now": tx.now}
    place = next_in_time(steps, relay.steps_taken, **how, past=past)
    await relays.go_on(tx, relay.id, steps_taken=place, next_step_at=next_at(tx, steps, place, relay))


def line(campaign: Campaign, relay: Held, reason: str, actor: str = "muster") -> Move:
    return Move(campaign.id, relay.id, Subject.RELAY, relay.id, relay.state, relay.state, actor, reason)


async def step_line(tx: Tx, campaign: Campaign, relay: Held, reason: str, *, actor: str) -> None:
    """Note on a relay what was done for it that moved nothing."""
    await append(tx, [line(campaign, relay, reason, actor)])
