"""A database and a line to the platforms that fall at their points. What a transaction did is read from the rows it
left, so that it does not matter how it was said."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import text

from app.core.db import Database, Tx
from app.core.http import Http, Reply, Request
from tests.failpoints.strike import Strike


@dataclass(frozen=True)
class Standing:
    """How things stand: the state and fence of each delivery, and how many relays and campaigns there are."""

    deliveries: dict[str, tuple[str, int]]
    relays: int
    campaigns: int

    def steps_to(self, became: "Standing") -> list[str]:
        """What happened between then and now."""
        steps = set()
        for name, (state, fence) in became.deliveries.items():
            was_state, was_fence = self.deliveries.get(name, ("", 0))
            if fence > was_fence:
                steps.add("claim")
            elif was_state == "sending" and state != "sending":
                steps.add("record")
        if became.relays > self.relays:
            steps.add("plan")
        if became.campaigns > self.campaigns:
            steps.add("draft")
        return sorted(steps)


async def _standing(tx: Tx) -> Standing:
    rows = await tx.run(text("SELECT id, state, fence FROM delivery"))
    deliveries = {row.id: (str(row.state), int(row.fence)) for row in rows}
    counted = await tx.run(text("SELECT (SELECT count(*) FROM relay), (SELECT count(*) FROM campaign)"))
    relays, campaigns = counted.one()
    return Standing(deliveries, int(relays), int(campaigns))


class BrittleDatabase(Database):
    """The very engines of another one. It writes one transaction at a time, and falls in that one alone: a process
    stopped with another one open would keep the whole of SQLite locked."""

    def __init__(self, sound: Database, strike: Strike) -> None:
        self.__dict__.update(sound.__dict__)
        self._strike = strike
        self.alone = asyncio.Lock()
        self.heard = 0

    @asynccontextmanager
    async def write(self, *, brief: bool = False) -> AsyncIterator[Tx]:
        async with self.alone:
            async with self.read() as tx:
                was = await _standing(tx)
            if any(state == "due" for state, _ in was.deliveries.values()):
                self._strike.at("before_claim")
            if self.heard and any(state == "sending" for state, _ in was.deliveries.values()):
                self._strike.at("before_record")
            async with super().write(brief=brief) as tx:
                yield tx
                steps = was.steps_to(await _standing(tx))
                for step in steps:
                    self._strike.at(f"{step}_uncommitted")
            for step in steps:
                self._strike.at(f"{step}_committed")


class BrittleHttp:
    """Says everything through a sound line."""

    def __init__(self, sound: Http, strike: Strike, db: BrittleDatabase) -> None:
        self._sound, self._strike, self._db = sound, strike, db

    async def send(self, request: Request) -> Reply:
        async with self._db.alone:
            self._strike.at("before_request")
        reply = await self._sound.send(request)
        async with self._db.alone:
            if reply.status < 300:
                self._strike.at("after_answer")
        self._db.heard += 1
        return reply
