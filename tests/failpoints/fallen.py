"""Starts processes that fall, from one that has already imported everything: a second saved for each."""

import asyncio
import multiprocessing
import os
import signal
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from tests.failpoints.processes import fall

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.failpoints.processes"])

PATIENCE_S = 20.0


def environment(database_url: str, folder: Path, **settings: str) -> dict[str, str]:
    """What a process needs to work here. Without Redis: the fewer hints, the harder it is."""
    return {
        "MUSTER_DATABASE_URL": database_url,
        "MUSTER_DATA_DIR": str(folder),
        "MUSTER_LOG_LEVEL": "ERROR",
        **{f"MUSTER_{name.upper()}": value for name, value in settings.items()},
    }


@asynccontextmanager
async def falling(
    settings: Mapping[str, str], point: str, nth: int = 1, action: str = "kill"
) -> AsyncIterator[ForkServerProcess]:
    """A process that falls at this point; whatever is left of it at the end of the block is killed."""
    process = _FORKS.Process(target=fall, args=(dict(settings), point, nth, action), daemon=True)
    process.start()
    try:
        yield process
    finally:
        process.kill()
        await asyncio.to_thread(process.join)
        process.close()


async def ended(process: ForkServerProcess) -> int:
    """Wait until it is gone; answers its exit code, negative for a signal."""
    await asyncio.to_thread(process.join, PATIENCE_S)
    assert process.exitcode is not None, "it lives on"
    return process.exitcode


def state(process: ForkServerProcess) -> str:
    """The letter that the system has for it: T is stopped."""
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0]


async def stopped(process: ForkServerProcess) -> None:
    """Wait until it has been stopped by SIGSTOP."""
    deadline = time.monotonic() + PATIENCE_S
    while state(process) != "T":
        assert time.monotonic() < deadline, "it goes on"
        await asyncio.sleep(0.02)


def go_on(process: ForkServerProcess) -> None:
    assert process.pid is not None
    os.kill(process.pid, signal.SIGCONT)
