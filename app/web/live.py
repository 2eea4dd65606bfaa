"""Live: one watcher for each campaign that is open on some board, shared by all boards of this process. A board costs
a queue and a little text; the database is asked once, however many look."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI

from app.core.db import TROUBLE
from app.domain.campaigns import service as campaigns
from app.domain.relays.states import MISSING
from app.flows.kit import Kit
from app.flows.watch import Batch, batches, moved_since, position
from app.reports import ledger
from app.reports.progress import Progress, progress
from app.reports.timeline import Timeline, timeline
from app.reports.tree import Node, tree

MOST_ROWS = 500
LOOK_UP_S = 1.0


@dataclass(frozen=True)
class Seen:
    """How a campaign stands: its progress, whether all of it is planned, the branches something moved in, and the
    relays that moved. `settled` is from where to watch on. `stale` says that more moved than can be named;
    `missing_moved` that the missed list is another one now. `pieces` are what was written of it, by who reads: boards
    that look alike share the work."""

    settled: int
    control: str
    planned: bool
    progress: Progress
    timeline: Timeline
    nodes: Sequence[Node]
    rows: Mapping[str, Any]
    missing_moved: bool = False
    stale: bool = False
    pieces: dict[tuple[str, ...], str] = field(default_factory=dict)


@dataclass(eq=False)
class Board:
    """One open stream: what it has not been told yet."""

    news: asyncio.Event = field(default_factory=asyncio.Event)
    seen: Seen | None = None

    def tell(self, seen: Seen) -> None:
        old, self.seen = self.seen, seen
        if old is not None:
            nodes = {node.id: node for node in (*old.nodes, *seen.nodes)}
            rows = {**old.rows, **seen.rows}
            stale = old.stale or seen.stale or len(rows) > MOST_ROWS
            moved = old.missing_moved or seen.missing_moved
            told = (
                seen.settled,
                seen.control,
                seen.planned,
                seen.progress,
                seen.timeline,
                list(nodes.values()),
                {} if stale else rows,
            )
            self.seen = Seen(*told, missing_moved=moved, stale=stale)
        self.news.set()

    async def take(self) -> Seen | None:
        """What is new, or None when nothing was for a while."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_UP_S):
                await self.news.wait()
        self.news.clear()
        seen, self.seen = self.seen, None
        return seen


class Feed:
    """The watcher of one campaign. It works while somebody looks."""

    def __init__(self, kit: Kit, center_id: str, campaign_id: str) -> None:
        self._kit, self._center_id, self._campaign_id = kit, center_id, campaign_id
        self.boards: set[Board] = set()
        self.looks = 0
        """How often the database was asked."""

    async def run(self, stopping: asyncio.Event) -> None:
        async with self._kit.db.read() as tx:
            after = await position(tx, self._campaign_id)
        async for batch in batches(self._kit, self._campaign_id, after=after, stopping=stopping):
            self.looks += 1
            if not self.boards:
                return
            if batch.news:
                with contextlib.suppress(*TROUBLE):  # the next move tells it all again
                    seen = await self._look(batch)
                    for board in self.boards:
                        board.tell(seen)

    async def _look(self, batch: Batch) -> Seen:
        moved = sorted({news.relay_id for news in batch.news if news.relay_id})
        words = {state.value for state in MISSING}
        changed = [news for news in batch.news if news.subject == "relay" and {news.was, news.became} & words]
        return await look(
            self._kit,
            self._center_id,
            self._campaign_id,
            moved=moved if len(moved) <= MOST_ROWS else None,
            settled=batch.settled,
            missing_moved=bool(changed),
        )


async def look(
    kit: Kit,
    center_id: str,
    campaign_id: str,
    *,
    moved: Sequence[str] | None,
    settled: int,
    missing_moved: bool,
) -> Seen:
    """How the campaign stands now, and these of its relays; None means more than can be named."""
    async with kit.db.read() as tx:
        campaign = await campaigns.found(tx, center_id, campaign_id)
        seen = await progress(tx, campaign)
        drawn = await timeline(tx, campaign)
        rows = await ledger.some(tx, center_id, moved or [])
        tops = await tree(tx, center_id, campaign_id)
    branches = {row.branch_id for row in rows}
    nodes = _touched(tops, branches)
    named = {row.id: row for row in rows}
    control = campaign.state.value
    planned = campaign.planned_at is not None
    return Seen(settled, control, planned, seen, drawn, nodes, named, missing_moved=missing_moved, stale=moved is None)


def _touched(nodes: Sequence[Node], branches: set[str | None]) -> list[Node]:
    """These branches and all above them."""
    found: list[Node] = []
    for node in nodes:
        below = _touched(node.children, branches)
        if below or node.id in branches:
            found += [node, *below]
    return found


class Lookout:
    """Every feed of this process."""

    def __init__(self, kit: Kit, stopping: asyncio.Event) -> None:
        self._kit = kit
        self._stopping = stopping
        self.feeds: dict[str, Feed] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def boards(self, center_id: str, campaign_id: str, *, after: int) -> AsyncIterator[Seen | None]:
        """What happened after that line, then what happens; None now and then. Ends with the process."""
        board = Board()
        feed = self.feeds.get(campaign_id)
        if feed is None or self._tasks[campaign_id].done():
            feed = self.feeds[campaign_id] = Feed(self._kit, center_id, campaign_id)
            self._tasks[campaign_id] = asyncio.create_task(feed.run(self._stopping))
        feed.boards.add(board)
        try:
            yield await self._since(center_id, campaign_id, after)
            while not self._stopping.is_set() and not self._tasks[campaign_id].done():
                yield await board.take()
        finally:
            feed.boards.discard(board)

    async def _since(self, center_id: str, campaign_id: str, after: int) -> Seen:
        async with self._kit.db.read() as tx:
            moved = await moved_since(tx, campaign_id, after)
            settled = await position(tx, campaign_id)
        if moved is not None and len(moved) > MOST_ROWS:
            moved = None
        return await look(self._kit, center_id, campaign_id, moved=moved, settled=settled, missing_moved=bool(moved))


def lookout(app: FastAPI, kit: Kit) -> Lookout:
    """This process's one."""
    if getattr(app.state, "lookout", None) is None:
        app.state.lookout = Lookout(kit, app.state.stopping)
    found: Lookout = app.state.lookout
    return found
