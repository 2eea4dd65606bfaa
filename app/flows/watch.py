"""Watch: a campaign's journal as it grows, one reader for each event stream."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core import journal
from app.core.db import TROUBLE, Tx
from app.flows.kit import Kit

POLL_S = 0.5
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


async def watch(kit: Kit, campaign_id: str, *, after: int, stopping: asyncio.Event) -> AsyncIterator[News | None]:
    """Every line after `after`, in order of appearance, and None whenever there was nothing new; ends with the
    process. A database that is away is waited for."""
    reader = _Reader(campaign_id, after)
    while not stopping.is_set():
        try:
            async with kit.db.read() as tx:
                fresh = await reader.read(tx)
        except TROUBLE:
            fresh = []
        for news in fresh:
            yield news
        if not fresh:
            yield None
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await stopping.wait()


class _Reader:
    """Knows which lines were shown: all up to `_settled`, and `_shown` between that and `_top`."""

    def __init__(self, campaign_id: str, after: int) -> None:
        self._campaign_id = campaign_id
        self._settled = self._top = after
        self._shown: set[int] = set()

    async def read(self, tx: Tx) -> list[News]:
        late = await journal.since(tx, self._campaign_id, self._settled, upto=self._top)
        new = await journal.since(tx, self._campaign_id, self._top)
        fresh = [_news(line) for line in (*late, *new) if line.seq not in self._shown]
        self._shown |= {news.seq for news in fresh}
        self._top = max([self._top, *(news.seq for news in fresh)])
        aged = [line.seq or 0 for line in (*late, *new) if line.at < tx.now - SETTLED]
        if aged:
            self._settled = max(self._settled, *aged)
            self._shown = {seq for seq in self._shown if seq > self._settled}
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
