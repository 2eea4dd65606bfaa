"""Watch: a campaign's journal as it grows, line by line for one stream, or in batches for many that share them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core import journal
from app.core.db import TROUBLE, Tx
from app.flows.kit import Kit

POLL_S = 0.5
MANY = 1_000
"""Lines read at once."""
SETTLED = timedelta(seconds=5)
"""Sequence numbers are given out before their transactions commit: a line may appear behind one already seen. Lines
younger than this are read again, and shown once."""


@dataclass(frozen=True)
class News:
    """One move of a campaign, one of its relays, deliveries or recalls."""

    seq: int
    subject: str
    subject_id: str
    relay_id: str | None
    was: str | None
    became: str
    actor: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class Batch:
    """What one look found, in order of appearance. Whoever goes on from `settled` misses nothing."""

    news: list[News]
    settled: int


async def watch(kit: Kit, campaign_id: str, *, after: int, stopping: asyncio.Event) -> AsyncIterator[News | None]:
    """Every line after `after`, and None whenever there was nothing new; ends with the process."""
    async for batch in batches(kit, campaign_id, after=after, stopping=stopping):
        for news in batch.news:
            yield news
        if not batch.news:
            yield None


async def batches(kit: Kit, campaign_id: str, *, after: int, stopping: asyncio.Event) -> AsyncIterator[Batch]:
    """Look every half second, and at once where there was too much for one look; ends with the process. A database
    that is away is waited for."""
    reader = _Reader(campaign_id, after)
    while not stopping.is_set():
        try:
            async with kit.db.read() as tx:
                fresh = await reader.read(tx)
        except TROUBLE:
            fresh = []
        yield Batch(fresh, reader.settled)
        if len(fresh) < MANY:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await stopping.wait()


async def position(tx: Tx, campaign_id: str) -> int:
    """From where to watch on after reading everything else in this transaction."""
    return await journal.settled(tx, campaign_id, before=tx.now - SETTLED)


async def moved_since(tx: Tx, campaign_id: str, after: int) -> list[str] | None:
    """The relays that moved after this line; None when there are too many to name."""
    lines = await journal.since(tx, campaign_id, after, limit=MANY)
    moved = {line.thread for line in lines if line.thread.startswith("rel_")}
    return sorted(moved) if len(lines) < MANY else None


class _Reader:
    """Knows which lines were shown: all up to `settled`, and `_shown` between that and `_top`."""

    def __init__(self, campaign_id: str, after: int) -> None:
        self._campaign_id = campaign_id
        self.settled = self._top = after
        self._shown: set[int] = set()

    async def read(self, tx: Tx) -> list[News]:
        late = await journal.since(tx, self._campaign_id, self.settled, upto=self._top)
        new = await journal.since(tx, self._campaign_id, self._top)
        fresh = [_news(line) for line in (*late, *new) if line.seq not in self._shown]
        self._shown |= {news.seq for news in fresh}
        self._top = max([self._top, *(news.seq for news in fresh)])
        aged = [line.seq or 0 for line in (*late, *new) if line.at < tx.now - SETTLED]
        if aged:
            self.settled = max(self.settled, *aged)
            self._shown = {seq for seq in self._shown if seq > self.settled}
        return fresh


def _news(line: journal.JournalLine) -> News:
    relay_id = line.thread if line.thread.startswith("rel_") else None
    return News(
        seq=line.seq or 0,
        subject=line.subject.value,
        subject_id=line.subject_id,
        relay_id=relay_id,
        was=line.was,
        became=line.became,
        actor=line.actor,
        reason=line.reason,
        at=line.at,
    )
