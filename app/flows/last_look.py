"""The last look: a claim tells for a moment only that nothing stops its words; after that the gates are asked again."""

import asyncio
from collections.abc import Sequence

import structlog

from app.channels.port import Outcome, Verdict
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.rules import Claimed
from app.flows.kit import Kit

log = structlog.get_logger(__name__)

HELD_BACK = Outcome(Verdict.NOT_SENT, "held_back", "a stop came before it could leave; nothing was said", wait_s=0.0)


class LastLook:
    """Answers many at once: whoever asks while the database is asked is answered by the look after that one."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._asked: list[Claimed] = []
        self._looks: asyncio.Task[set[str]] | None = None
        self._next: asyncio.Task[set[str]] | None = None

    async def held(self, claimed: Sequence[Claimed]) -> set[str]:
        """Which of these may not leave: their ids. Where the database cannot be asked, none may."""
        self._asked.extend(claimed)
        if self._next is None:
            self._next = asyncio.create_task(self._look(after=self._looks))
        return await self._next & {one.id for one in claimed}

    async def _look(self, after: asyncio.Task[set[str]] | None) -> set[str]:
        if after is not None:
            await asyncio.wait([after])
        self._looks, self._next = self._next, None
        asked, self._asked = self._asked, []
        subjects = {subject for one in asked for subject in one.stopped_by}
        try:
            async with self._kit.db.read(brief=True, loose=True) as tx:
                closed = {gate.subject for gate in await deliveries.closed_gates(tx, sorted(subjects))}
        except Exception:
            log.exception("gates_not_asked", held_back=len(asked))
            closed = subjects
        return {one.id for one in asked if not closed.isdisjoint(one.stopped_by)}
