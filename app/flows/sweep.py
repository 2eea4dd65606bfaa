"""Sweep: what fell on the floor is picked up. Run every second by the one worker that sits in the keeper's chair;
every sweep is safe to run twice, by two workers, or late."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

import structlog
from sqlalchemy import ColumnElement, or_, select

from app.core.outages import concerns_all
from app.domain.campaigns import store as campaigns
from app.domain.cascade import store as tiers
from app.domain.deliveries import store as deliveries
from app.domain.directory import store as directory
from app.domain.inbox import store as inbox
from app.domain.quorum import store as quorums
from app.domain.recalls import store as recalls
from app.domain.relays import store as relays
from app.domain.tasks import store as tasks
from app.domain.webhooks import store as webhooks
from app.flows import chores
from app.flows.call_off import call_off
from app.flows.fold_heard import fold_heard
from app.flows.forget_pictures import forget_pictures
from app.flows.kit import Kit
from app.flows.note_events import note_events
from app.flows.pin_up import pin_up
from app.flows.receive import receive
from app.flows.relieve import relieve_absent
from app.flows.take_back import take_back
from app.flows.tell_webhooks import forget_told
from app.flows.withdraw import tend_tasks

log = structlog.get_logger(__name__)

MOST_BATCHES = 40


@dataclass(frozen=True, eq=False)
class Chore:
    """`waits`: whether there may be anything to do, seen at one look; too often is a look too many, too seldom leaves
    it undone until a sweep passes nothing over. What has none looks for itself."""

    do: Callable[[Kit], Awaitable[int]]
    waits: tuple[ColumnElement[bool], ...]


CHORES = (
    Chore(chores.start_scheduled, (campaigns.ANY_TO_START,)),
    Chore(receive, (inbox.ANY_DUE,)),
    Chore(chores.recover, (deliveries.ANY_ABANDONED,)),
    Chore(chores.finish_plans, (campaigns.ANY_UNPLANNED,)),
    Chore(chores.go_down, (tiers.ANY_STIRRING,)),
    Chore(chores.hand_over, (relays.ANY_TO_HAND_OFF, relays.ANY_TO_ASK)),
    Chore(call_off, (campaigns.ANY_TO_CLEAR,)),
    Chore(chores.expire, (deliveries.ANY_OUTDATED,)),
    Chore(chores.miss, (relays.ANY_OVERDUE,)),
    Chore(take_back, (recalls.ANY_TO_BEGIN,)),
    Chore(tend_tasks, (tasks.ANY_GOING_ON,)),
    Chore(pin_up, (campaigns.ANY_TO_PIN,)),
    Chore(chores.ask_leaders_instead, (relays.ANY_FALLEN,)),
    Chore(relieve_absent, (directory.ANY_BEGUN,)),
    Chore(chores.remind, (relays.ANY_STEP_DUE, deliveries.ANY_OMITTING)),
    Chore(chores.ring_alarms, (quorums.ANY_TO_JUDGE,)),
    Chore(chores.tell_of_ends, (campaigns.ANY_UNDIGESTED,)),
    Chore(chores.tell_in_the_morning, (directory.ANY_HEAD,)),
    Chore(note_events, (webhooks.ANY_ENABLED,)),
    Chore(forget_told, (webhooks.ANY_TRY,)),
    Chore(fold_heard, (inbox.ANY_EVENT,)),
    Chore(forget_pictures, ()),
)
_SEEN = [chore for chore in CHORES if chore.waits]
_GLANCE = select(*(or_(*chore.waits).label(chore.do.__name__) for chore in _SEEN))


async def sweep(kit: Kit, *, whole: bool = False) -> None:
    """One round over everything that waits for time or was left behind, passing over the chores that have nothing to do
    as far as one look shows; with `whole` none is passed over."""
    waiting = CHORES if whole else await _waiting(kit)
    for chore in CHORES:
        if (chore in waiting or not chore.waits) and await _do(kit, chore) and waiting is not CHORES:
            waiting = await _waiting(kit)  # it may have left something to those after it


async def _do(kit: Kit, chore: Chore) -> bool:
    """Whether it had anything to do, as far as is known. A chore that fails is told and leaves the others their turn;
    one that finds a full batch goes on while it does, within bounds."""
    done = 0
    try:
        for _ in range(MOST_BATCHES):
            count = await chore.do(kit)
            done += count
            if count < chores.BATCH:
                break
    except Exception as error:
        if concerns_all(error):
            log.warning("chore_interrupted", chore=chore.do.__name__, because=type(error).__name__)
        else:
            log.exception("chore_failed", chore=chore.do.__name__)
        return True
    return done > 0


async def _waiting(kit: Kit) -> Collection[Chore]:
    """The chores that may have something to do; all, where that cannot be seen."""
    try:
        async with kit.db.read(loose=True) as tx:
            [seen] = await tx.table(_GLANCE, {"now": tx.now})
    except Exception as error:
        if concerns_all(error):
            log.warning("glance_interrupted", because=type(error).__name__)
        else:
            log.exception("glance_failed")
        return CHORES
    return [chore for chore, waits in zip(_SEEN, seen, strict=True) if waits]
