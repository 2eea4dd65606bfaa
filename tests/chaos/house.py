"""The real processes of a run, each of which can be killed, stopped and started again."""

import asyncio
import os
import re
import shutil
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
from sqlalchemy import text

from app.core.db import Database
from app.core.redis import EmbeddedRedis
from app.core.settings import ROOT
from tests.chaos.program import START_S, NotStarted, Program, answers
from tests.chaos.proxy import Proxy, proxy
from tests.servers import Postgres, free_port

_GIVEN: set[int] = set()


class Redis(EmbeddedRedis):
    """An embedded Redis that can be killed and comes back knowing nothing."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._kept = folder

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._kept, ignore_errors=True)


@dataclass
class House:
    """What a run has its hands on. `database_url` leads to the database itself, past the proxy. `api_url` and
    `platform_url` are base addresses."""

    folder: Path
    database_url: str
    api_url: str
    platform_url: str
    redis: Redis
    api: Program
    workers: Sequence[Program]
    postgres: Postgres | None = None
    proxy: Proxy | None = None
    key: str = field(default="", repr=False)


@asynccontextmanager
async def house(
    folder: Path, *, database: str, workers: int, plant: str | None = None, in_flight: int = 8
) -> AsyncIterator[House]:
    """Everything running on a fresh database; all of it is gone at the end of the block. A plant is put into the API
    and the workers."""
    async with AsyncExitStack() as stack:
        redis = Redis(folder / "redis")
        stack.callback(redis.stop)
        redis.start()
        direct, served, server, before = await _database(stack, folder, database)
        ports = {"api": _port(), "platform": _port()}
        environment = _environment(folder, served, redis.url, ports, in_flight)
        await _run(Program("migrate", ["app.cli", "migrate"], environment, folder))
        platform = Program("platform", ["app.simulator", "--port", str(ports["platform"])], environment, folder)
        planted = ["tests.chaos.planted", plant] if plant else []
        api = Program("api", [*planted, "api"] if planted else ["app.main"], environment, folder)
        work, by_name = [*planted, "worker"] if planted else ["workers"], {**environment, "MUSTER_LOG_LEVEL": "INFO"}
        crew = [Program(f"worker-{n}", work, by_name, folder) for n in range(workers)]
        found = House(
            folder,
            direct,
            f"http://127.0.0.1:{ports['api']}",
            f"http://127.0.0.1:{ports['platform']}",
            redis,
            api,
            crew,
            server,
            before,
        )
        for program in (platform, api, *crew):
            stack.push_async_callback(program.close)
            await program.start()
        await answers(platform, f"{found.platform_url}/_sim/state")
        await answers(api, f"{found.api_url}/readyz")
        found.key = await _key(api)
        await _at_work(direct, len(crew))
        yield found


def _port() -> int:
    """A free port that no other house of this process was given: it is only opened later."""
    while (port := free_port()) in _GIVEN:
        pass
    _GIVEN.add(port)
    return port


async def _at_work(url: str, workers: int) -> None:
    """Wait until so many workers have reported in: on a busy machine a scene would be over before they begin."""
    db = Database(url)
    try:
        async with asyncio.timeout(START_S):
            reported = 0
            while reported < workers:
                await asyncio.sleep(0.1)
                async with db.read() as tx:
                    reported = (await tx.run(text("SELECT count(*) FROM worker"))).scalar_one()
    finally:
        await db.close()


async def _database(stack: AsyncExitStack, folder: Path, kind: str) -> tuple[str, str, Postgres | None, Proxy | None]:
    """(address of the database, address as the house sees it, its server, the proxy before it)."""
    if kind == "sqlite":
        url = f"sqlite:///{folder / 'muster.db'}"
        return url, url, None, None
    home = folder / "postgres"
    home.mkdir()
    for place in (home, folder):
        place.chmod(0o777)
    server = Postgres(home)
    stack.callback(server.stop)
    server.start()
    connection = await asyncpg.connect(f"{server.base}postgres")
    await connection.execute("CREATE DATABASE muster")
    await connection.close()
    before = await stack.enter_async_context(proxy(server.port))
    return f"{server.base}muster", f"postgresql://postgres@127.0.0.1:{before.port}/muster", server, before


def _environment(folder: Path, database: str, redis: str, ports: Mapping[str, int], in_flight: int) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("MUSTER_")},
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "MUSTER_DATABASE_URL": database,
        "MUSTER_REDIS_URL": redis,
        "MUSTER_DATA_DIR": str(folder / "data"),
        "MUSTER_PORT": str(ports["api"]),
        "MUSTER_PUBLIC_URL": f"http://127.0.0.1:{ports['api']}",
        "MUSTER_ALLOWED_HOSTS": f"127.0.0.1:{ports['platform']}",
        "MUSTER_LOG_LEVEL": "WARNING",
        "MUSTER_LOG_FORMAT": "json",
        "MUSTER_WORKER_CONCURRENCY": str(in_flight),
    }


async def _run(program: Program) -> None:
    await program.start()
    code = await program.end(signal.SIGCONT, patience_s=START_S)
    if code:
        raise NotStarted(f"{program.name} ended with {code}: {program.output.read_text(errors='replace')[-2000:]}")


async def _key(api: Program) -> str:
    """The first key, which the API writes out at its first start."""
    for _ in range(100):
        found = re.search(r"\bmk_\w+", api.output.read_text(errors="replace"))
        if found:
            return found.group()
        await asyncio.sleep(0.1)
    raise NotStarted("The API wrote no key.")
