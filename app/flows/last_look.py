"""The last look: a claim tells for a moment only that nothing stops its words; after that the gates are asked again."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import structlog

from app.channels.port import Outcome, Verdict
from app.core.outages import concerns_all
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.rules import BEGIN_WITHIN, Claimed
from app.flows.kit import Kit

log = structlog.get_logger(__name__)

_DETAIL = "a stop came before it could leave, or nobody could ask whether one did; nothing was said"
HELD_BACK = Outcome(Verdict.NOT_SENT, "held_back", _DETAIL, wait_s=0.0)


class Looked(NamedTuple):
    """What one look saw, begun `at` this time: `held` are the ids of those that may not leave."""

    at: datetime
    held: frozenset[str]


class LastLook:
    """Answers many at once: whoever asks while the database is asked is answered by the look after that one."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._asked: list[Claimed] = []
        self._looks: asyncio.Task[Looked] | None = None
        self._next: asyncio.Task[Looked] | None = None

    async def look(self, claimed: Sequence[Claimed]) -> Looked:
        """Where the database cannot be asked, none may leave. Only a gate that is closed for good is a stop: the others
        are waits that a claim has minded, and some close because of what was just claimed."""
        self._asked.extend(claimed)
        if self._next is None:
            self._next = asyncio.create_task(self._look(after=self._looks))
        return await asyncio.shield(self._next)

    async def _look(self, after: asyncio.Task[Looked] | None) -> Looked:
        if after is not None:
            await asyncio.wait([after])
        self._looks, self._next = self._next, None
        asked, self._asked = self._asked, []
        subjects = {subject for one in asked for subject in one.stopped_by}
        at = self._kit.clock.now()
        try:
            async with asyncio.timeout(BEGIN_WITHIN.total_seconds()), self._kit.db.read(brief=True, loose=True) as tx:
                at, gates = tx.now, await deliveries.closed_gates(tx, sorted(subjects))
                closed = {gate.subject for gate in gates if gate.until is None}
        except Exception as error:
            closed = subjects
            if concerns_all(error):
                log.warning("gates_not_asked", because=type(error).__name__, held_back=len(asked))
            else:
                log.exception("gates_not_asked", held_back=len(asked))
        return Looked(at, frozenset(one.id for one in asked if not closed.isdisjoint(one.stopped_by)))
