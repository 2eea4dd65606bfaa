"""`make bench`: the main job at size, on SQLite and on PostgreSQL, each figure beside its floor from the same run."""

import asyncio
import json
import sys
import tempfile
from pathlib import Path

from bench.measure import Figure, show
from tests.conftest import migrate
from tests.servers import postgres_server

GROUPS = 10_000


async def _child(url: str) -> list[Figure]:
    """Each database in a process of its own, so that memory is told apart."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.scenes", url, str(GROUPS), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    if process.returncode:
        raise SystemExit(f"the bench on {url.split(':', maxsplit=1)[0]} failed")
    return [Figure(**figure) for figure in json.loads(output.decode().splitlines()[-1])]


async def main() -> None:
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as folder, postgres_server(durable=True) as base:
        for url in (f"sqlite:///{Path(folder) / 'muster.db'}", f"{base}postgres"):
            await asyncio.to_thread(migrate, url)
            figures += await _child(url)
    show(figures)
    if not all(figure.met for figure in figures):
        raise SystemExit("not every goal was met")


asyncio.run(main())
