"""Processes that race for the same deliveries."""

import asyncio
import multiprocessing
import random
from collections.abc import Sequence
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier

from app.core.db import Database
from app.domain.deliveries import store

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.failpoints.processes", "tests.rivals"])


BLOCKS = 30


def contend(database_url: str, wanted: Sequence[str], *, rivals: int) -> list[list[str]]:
    """Let so many processes claim all of these, block by block and each block at once; answers what each won."""
    together = _FORKS.Barrier(rivals, timeout=30)
    lines, processes = [], []
    for number in range(rivals):
        ours, theirs = _FORKS.Pipe()
        args = (theirs, together, database_url, list(wanted), number)
        processes.append(_FORKS.Process(target=_rival, args=args, daemon=True))
        processes[-1].start()
        theirs.close()
        lines.append(ours)
    try:
        return [line.recv() for line in lines]
    finally:
        for process, line in zip(processes, lines, strict=True):
            process.kill()
            process.join()
            line.close()


def _rival(line: Connection, together: Barrier, database_url: str, wanted: list[str], seed: int) -> None:
    line.send(asyncio.run(_won(together, database_url, wanted, random.Random(seed))))


async def _won(together: Barrier, database_url: str, wanted: list[str], dice: random.Random) -> list[str]:
    """Claim in the order of everybody, so that all are after the same ones; a few at a time, in any order."""
    db = Database(database_url)
    won: list[str] = []
    block = max(100, len(wanted) // BLOCKS)
    for start in range(0, len(wanted), block):
        left = wanted[start : start + block]
        async with db.read() as tx:
            await store.uncertain_count(tx)
        together.wait()
        while left:
            count = dice.randint(1, max(8, block // 50))
            few, left = left[:count], left[count:]
            dice.shuffle(few)
            async with db.write() as tx:
                won += [one.id for one in await store.claim(tx, few)]
    await db.close()
    return won
