"""Time that passes over a forest: the worker sweeps whenever something is due, unless it is down; letters leave when
their time comes; people say what they have to say. What nothing happens in is skipped."""

import asyncio
import contextlib
import random
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import text, update
from sqlmodel import col, select

from app.core.bulk import among
from app.core.clock import ManualClock
from app.core.db import Database, Tx
from app.core.errors import Conflict
from app.domain.deliveries.states import State as DeliveryState
from app.domain.deliveries.tables import Delivery
from app.domain.links import service as links
from app.domain.links.rules import Holder, Key
from app.domain.relays.tables import Relay
from app.flows.confirm import confirm
from app.flows.kit import Kit
from app.flows.read_brief import read_brief
from app.flows.sweep import sweep
from tests.flows.forest import Forest, Saying

STEP = timedelta(seconds=4)
LATE = timedelta(seconds=5)
DUE = (
    "SELECT min(next_step_at) FROM relay WHERE next_step_at IS NOT NULL",
    "SELECT min(starts_at) FROM relay WHERE state = 'planned' AND route = 'leader' AND waits_for IS NULL",
    "SELECT min(deadline_at) FROM relay WHERE route = 'leader' AND state IN ('planned', 'assigned', 'acknowledged')",
    "SELECT min(until_at) FROM tier WHERE state = 'told'",
    "SELECT min(remind_at) FROM tier WHERE state = 'told'",
    "SELECT min(due_at) FROM quorum_alarm WHERE state = 'waiting'",
    "SELECT min(from_at) FROM absence WHERE relieved_at IS NULL AND until_at > :now",
    "SELECT min(due_at) FROM delivery WHERE state = 'due'",
)


class Prompt(Database):
    """One whose statements run on the spot: nobody else waits for this event loop."""

    def write(self, *, brief: bool = True) -> AbstractAsyncContextManager[Tx]:  # type: ignore[override]
        return super().write(brief=brief or True)

    def read(  # type: ignore[override]
        self, *, brief: bool = True, loose: bool = False
    ) -> AbstractAsyncContextManager[Tx]:
        return super().read(brief=brief or True, loose=loose)


@dataclass
class Downtimes:
    spans: list[tuple[datetime, datetime]]

    def until(self, now: datetime) -> datetime | None:
        """When the worker is up again, if it is down."""
        return next((end for start, end in self.spans if start <= now < end), None)

    def excuse(self, due: datetime, at: datetime) -> bool:
        """Whether what was due then may have been done as late as this: not later than a worker that came up again
        could do it."""
        while at - due > LATE:
            end = next((end for start, end in self.spans if start <= due + LATE and due < end), None)
            if end is None:
                return False
            due = end
        return True


async def pass_time(kit: Kit, clock: ManualClock, forest: Forest, seed: int) -> Downtimes:
    """Until nothing is due any more; answers when the worker was down."""
    downs = _downtimes(random.Random(seed), clock.now())
    sayings = list(reversed(forest.sayings))
    begun = clock.now()
    moment: datetime | None = begun
    while moment is not None:
        assert moment - begun < timedelta(days=3), "something is due and never done"
        clock.advance(moment - clock.now())
        said = []
        while sayings and sayings[-1].at <= clock.now():
            said.append(sayings.pop())
        await _say(kit, forest, said)
        if (up := downs.until(clock.now())) is None:
            await _sweep(kit)
            moment = await _next(kit, sayings)
            moment = moment and max(moment, clock.now() + STEP)
        else:
            moment = min([up, *(one.at for one in sayings[-1:])])
    return downs


def _downtimes(chance: random.Random, begun: datetime) -> Downtimes:
    starts = sorted(begun + timedelta(minutes=chance.uniform(1, 260)) for _ in range(chance.randint(0, 5)))
    return Downtimes([(start, start + timedelta(minutes=chance.uniform(1, 15))) for start in starts])


async def _next(kit: Kit, sayings: list[Saying]) -> datetime | None:
    """When something is due, or said, next."""
    async with kit.db.read() as tx:
        now = {"now": tx.now.replace(tzinfo=None) if tx.dialect == "sqlite" else tx.now}
        found = [(await tx.table(text(query), now if ":now" in query else None))[0][0] for query in DUE]
    moments = [_moment(one) for one in found if one is not None]
    return min([*moments, *(one.at for one in sayings[-1:])], default=None)


def _moment(kept: str | datetime) -> datetime:
    """A moment as one database or the other answers it."""
    at = datetime.fromisoformat(kept) if isinstance(kept, str) else kept
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


async def _sweep(kit: Kit) -> None:
    await sweep(kit)
    async with kit.db.write() as tx:
        due = (col(Delivery.state) == DeliveryState.DUE, col(Delivery.due_at) <= tx.now)
        await tx.run(update(Delivery).where(*due).values(state=DeliveryState.SENT))


async def _say(kit: Kit, forest: Forest, said: list[Saying]) -> None:
    """These words, those about one relay one after the other."""
    if not said:
        return
    async with kit.db.write() as tx:
        wanted = sorted({one.relay_id for one in said if one.relay_id})
        held = {one.id: str(one.leader_id) for one in await tx.all(select(Relay).where(among(col(Relay.id), wanted)))}
        center, until = forest.center_of, tx.now + timedelta(hours=1)
        holders = [
            Holder(center[one.campaign_id], one.campaign_id, one.leader_id or held[one.relay_id], until) for one in said
        ]
        tokens = await links.mint_many(tx, holders)
    await asyncio.gather(*(_word(kit, one, Key(token.text)) for one, token in zip(said, tokens, strict=True)))


async def _word(kit: Kit, one: Saying, key: Key) -> None:
    if one.said == "read":
        await read_brief(kit, key)
        return
    with contextlib.suppress(Conflict):  # before it is handed to him it is not his to speak about
        await confirm(kit, key, one.relay_id, action=one.said, reason="travelling")  # type: ignore[arg-type]
