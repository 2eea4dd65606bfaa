"""Questions that come together are answered together: one transaction for many people who press at once.

A question that meets an idle lane is answered at once; those that come meanwhile go together when it is done. Parties
of one lane begin a few milliseconds apart: people whose answers left together ask again together, and without that the
first of them would be a party by himself, for what many could share. So a lane's parties grow with its load, and a
quiet one costs nobody a millisecond.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Sequence
from typing import Any, TypeVar

Asked = TypeVar("Asked")
Told = TypeVar("Told")
Answering = Callable[[Sequence[Asked]], Awaitable[Sequence[Told]]]

MOST = 64
"""In one party: its transaction stays short, and what a statement costs is already shared by many."""

APART_S = 0.005
"""From the beginning of one party to that of the next in its lane, at least."""


class Gather:
    """The lanes of one process: in each, one party is answered at a time, in the order of its questions."""

    def __init__(self, *, most: int = MOST, apart_s: float = APART_S) -> None:
        self._most = most
        self._apart_s = apart_s
        self._lanes: dict[Hashable, deque[tuple[Any, asyncio.Future[Any]]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, lane: Hashable, question: Asked, answering: Answering[Asked, Told]) -> Told:
        """The answer to this question. `answering` gets all of a party and answers each in its place; where it raises,
        each of them is asked alone, so that nobody fails for what another has asked."""
        told: asyncio.Future[Told] = asyncio.get_running_loop().create_future()
        if lane in self._lanes:
            self._lanes[lane].append((question, told))
        else:
            self._lanes[lane] = deque([(question, told)])
            self._begin(self._serve(lane, answering))
        return await told

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, lane: Hashable, answering: Answering[Any, Any]) -> None:
        waiting = self._lanes[lane]
        clock = asyncio.get_running_loop().time
        try:
            while waiting:
                next_at = clock() + self._apart_s
                party = [waiting.popleft() for _ in range(min(self._most, len(waiting)))]
                await self._answer(party, answering)
                if len(waiting) < self._most:
                    await asyncio.sleep(max(0.0, next_at - clock()))
        finally:
            del self._lanes[lane]
            for _, told in waiting:
                told.cancel()

    async def _answer(self, party: list[tuple[Any, asyncio.Future[Any]]], answering: Answering[Any, Any]) -> None:
        try:
            answers = await answering([question for question, _ in party])
        except Exception as error:  # noqa: BLE001 - it is raised where the question was asked
            if len(party) > 1:
                for one in party:  # the lane goes on meanwhile: one that has to wait holds up nobody
                    self._begin(self._answer([one], answering))
            elif not party[0][1].done():
                party[0][1].set_exception(error)
            return
        except BaseException:
            for _, told in party:
                told.cancel()
            raise
        for (_, told), answer in zip(party, answers, strict=True):
            if not told.done():
                told.set_result(answer)
