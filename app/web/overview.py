"""Overview: one watcher for each center that somebody has "today" open of, shared by all such pages of this process. It
asks the journal whether anything moved, and only then how the center stands; a page costs a little text."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass, field

from fastapi import FastAPI

from app.core import journal
from app.core.db import TROUBLE, Tx
from app.flows.kit import Kit
from app.flows.watch import POLL_S
from app.reports.first_steps import FirstSteps, first_steps
from app.reports.orphans import Orphans, orphans
from app.reports.quorums import Rung, rung
from app.reports.today import Today, today

LOOKS_AT_LEAST = 20
"""After so many looks at an unmoved journal the center is asked all the same: what changes a directory or an account
stands in no journal."""
LOOK_UP_S = 1.0


@dataclass(frozen=True)
class Glance:
    """How a center stands. `pieces` are what was written of it, by who reads: pages that look alike share the work."""

    today: Today
    orphans: Orphans
    alarms: Sequence[Rung]
    steps: FirstSteps
    pieces: dict[tuple[str, ...], str] = field(default_factory=dict, compare=False)


async def glance(tx: Tx, center_id: str) -> Glance:
    return Glance(
        await today(tx, center_id),
        await orphans(tx, center_id),
        await rung(tx, center_id),
        await first_steps(tx, center_id),
    )


class Watcher:
    """Looks at one center while a page of it is open."""

    def __init__(self, kit: Kit, center_id: str) -> None:
        self._kit, self._center_id = kit, center_id
        self._seen: Glance | None = None
        self._turned = asyncio.Event()
        self.pages = 0

    async def run(self, stopping: asyncio.Event) -> None:
        mark, idle = -1, 0
        while self.pages and not stopping.is_set():
            with contextlib.suppress(*TROUBLE):  # the next look tells it all again
                async with self._kit.db.read() as tx:
                    newest = await journal.newest(tx)
                    if newest != mark or idle >= LOOKS_AT_LEAST:
                        self._tell(await glance(tx, self._center_id))
                        mark, idle = newest, 0
            idle += 1
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await stopping.wait()

    def _tell(self, seen: Glance) -> None:
        if seen != self._seen:
            self._seen = seen
            turned, self._turned = self._turned, asyncio.Event()
            turned.set()

    async def glances(self) -> AsyncGenerator[Glance | None, None]:
        """How it stands, then how it stands whenever that is another; None now and then."""
        told: Glance | None = None
        while True:
            turned = self._turned
            if self._seen is not told:
                told = self._seen
                yield told
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_UP_S):
                    await turned.wait()
            if self._seen is told:
                yield None


class Overlook:
    """Every watcher of this process."""

    def __init__(self, kit: Kit, stopping: asyncio.Event) -> None:
        self._kit, self._stopping = kit, stopping
        self._watchers: dict[str, tuple[Watcher, asyncio.Task[None]]] = {}

    async def glances(self, center_id: str) -> AsyncIterator[Glance | None]:
        """For one page; ends with the process."""
        watcher, task = self._watchers.get(center_id, (None, None))
        if watcher is None or task is None or task.done():
            watcher = Watcher(self._kit, center_id)
            watcher.pages += 1
            task = asyncio.create_task(watcher.run(self._stopping))
            self._watchers[center_id] = watcher, task
        else:
            watcher.pages += 1
        try:
            async with contextlib.aclosing(watcher.glances()) as found:
                async for one in found:
                    if self._stopping.is_set() or task.done():
                        return
                    yield one
        finally:
            watcher.pages -= 1


def overlook(app: FastAPI, kit: Kit) -> Overlook:
    """This process's one."""
    if getattr(app.state, "overlook", None) is None:
        app.state.overlook = Overlook(kit, app.state.stopping)
    found: Overlook = app.state.overlook
    return found
