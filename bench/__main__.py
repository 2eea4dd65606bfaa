"""`make bench`: the main job at size, on SQLite and on PostgreSQL, each figure beside its floor from the same run.

`python -m bench [--full] [SCENE ...]` runs some of the scenes; with `--full`, 100,000 groups are planned and posted
to, stops are measured with as many pending, growth goes on to as many, lists are read over a million relays, and relay
links are looked at a million times and guessed at ten million times; without it, a tenth of that. The scene
`simulation` runs no database: it plays a campaign to a million groups in virtual time.
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path

import asyncpg

from bench import simulation
from bench.measure import Figure, show
from bench.scenes import SCENES
from tests.conftest import migrate
from tests.servers import postgres_server

GROUPS = 10_000


async def _child(scene: str, url: str, count: int) -> list[Figure]:
    """Each scene in a process of its own, so that memory is told apart."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.scenes", scene, url, str(count), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    if process.returncode:
        raise SystemExit(f"the scene {scene} on {url.split(':', maxsplit=1)[0]} failed")
    return [Figure(**figure) for figure in json.loads(output.decode().splitlines()[-1])]


async def main(words: list[str]) -> None:
    full = "--full" in words
    wanted = [word for word in words if word != "--full"] or [*SCENES, "simulation"]
    figures: list[Figure] = simulation.figures() if "simulation" in wanted else []
    wanted = [word for word in wanted if word != "simulation"]
    if wanted:
        figures += await _scenes(wanted, full=full)
    show(figures)
    if not all(figure.met for figure in figures):
        raise SystemExit("not every goal was met")


async def _scenes(wanted: list[str], *, full: bool) -> list[Figure]:
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as folder, postgres_server(durable=True) as base:
        for scene in wanted:
            count = 100_000 if full and scene in {"growing", "guessing", "posting", "reading", "stopping"} else GROUPS
            for url in (f"sqlite:///{Path(folder) / scene}.db", await _database(base, scene)):
                await asyncio.to_thread(migrate, url)
                figures += await _child(scene, url, count)
    return figures


async def _database(base: str, name: str) -> str:
    """A database of its own for each scene: none is blamed on the rows of another."""
    connection = await asyncpg.connect(f"{base}postgres")
    try:
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()
    return f"{base}{name}"


asyncio.run(main(sys.argv[1:]))
