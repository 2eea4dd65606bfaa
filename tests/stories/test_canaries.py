"""No secret gets out: a full run over all platforms with everything going wrong, and then the hunt for what was planted
in it, in logs, answers, events, exports, metrics and every column of the database."""

import asyncio
import base64
import io
import logging
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from fastapi.routing import iter_route_contexts

from app.core import logs
from app.flows.watch import watch
from app.main import create_app
from app.schema import metadata
from tests.architecture.test_routes import PREFIXES
from tests.builders.board import Operator
from tests.canaries import LENT, Canaries, Hunt, in_links
from tests.canary_run import misuse, plant, run
from tests.conftest import T0
from tests.world import World, world_on

STREAMS = ("/stream", "/live")  # without an end: what they tell is read from `watch`
MOST_IDS = 12  # of one kind, evenly chosen: their relays and deliveries are hundreds alike


@pytest.fixture
def heard() -> Iterator[io.StringIO]:
    """Everything that is logged, by our own lines and by every library, at DEBUG."""
    root, out = logging.getLogger(), io.StringIO()
    before, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in list(logging.root.manager.loggerDict)}
    logs.set_up("DEBUG", "json")
    handler = root.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(out)
    yield out
    root.handlers[:] = before
    root.setLevel(level)
    for name in logging.root.manager.loggerDict:
        logging.getLogger(name).setLevel(levels.get(name, logging.NOTSET))


@pytest.fixture
async def world(heard: io.StringIO, database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    assert heard is not None  # before any engine is made: SQLAlchemy asks for the level once
    async with world_on(database_url, tmp_path, T0) as opened:
        yield opened


async def _hunt(world: World, hunt: Hunt, link: str, heard: io.StringIO, folder: Path) -> None:
    """Look at everything that can be asked, opened or read."""
    ids = await _tables(world, hunt)
    for path in _asked(ids, link):
        answer = await world.api.get(path, params={"limit": 200} if path.endswith("s") else None)
        assert answer.status_code in {200, 303, 404} or "/receipts/" in path, f"{path}: {answer.text}"
        hunt.look(f"GET {path}", f"{answer.headers} {answer.text}".replace(link, "his own"))
    for campaign in ids["campaign"]:
        async for news in watch(world.kit, campaign, after=0, stopping=asyncio.Event()):
            if news is None:
                break
            hunt.look("stream", str(news))
    for words in (("export",), ("export", "--json")):
        environment = {**os.environ, "MUSTER_DATABASE_URL": world.kit.settings.database_url.get_secret_value()}
        command = [sys.executable, "-m", "app.cli", *words, "--out", str(folder / "export")]
        subprocess.run(command, env=environment, cwd=folder, check=True, capture_output=True)  # noqa: ASYNC221 - nobody waits
        hunt.look(" ".join(words), (folder / "export").read_bytes())
    hunt.look("hints", str(world.queue.jobs))
    hunt.look("log", heard.getvalue())


async def _signed_in(world: World) -> dict[str, str]:
    """Let the head in to the pages; answers the secret part of his key, and his session."""
    key = world.api.headers["Authorization"].removeprefix("Bearer ")
    await Operator(world.api).sign_in(key)
    return {"key": key.rsplit("_", 1)[1], **{f"cookie {name}": value for name, value in world.api.cookies.items()}}


async def _tables(world: World, hunt: Hunt) -> dict[str, list[str]]:
    """Every column of every row of every table; answers the rows' ids by table."""
    ids = {}
    async with world.kit.db.read() as tx:
        for table in metadata.sorted_tables:
            rows = (await tx.run(table.select())).mappings().all()
            hunt.rows(table.name, rows)
            ids[table.name] = [row["id"] for row in rows if "id" in row]
    return ids


def _asked(ids: dict[str, list[str]], link: str) -> Iterator[str]:
    """Every GET route there is, with ids of every kind there is."""
    known = {
        f"{prefix}_": _some([one for found in ids.values() for one in found if str(one).startswith(f"{prefix}_")])
        for prefix in PREFIXES.values()
    }
    words = {"token": [link], "slug": ["nothing"], "verb": ["cancel"], "platform": ["wecom"], "account": known["acc_"]}
    for route in iter_route_contexts(create_app().routes):
        path = str(route.path)
        if "GET" in (route.methods or ()) and not path.endswith(STREAMS):
            names = re.findall(r"{(\w+)}", path)
            values = [words[name] if name in words else known[f"{PREFIXES[name]}_"] for name in names]
            width = max(map(len, values), default=1) if all(values) else 0
            for turn in range(width):
                yield path.format(**{name: each[turn % len(each)] for name, each in zip(names, values, strict=True)})


def _some(ids: list[str]) -> list[str]:
    return ids[:: max(1, len(ids) // MOST_IDS)]


async def test_no_planted_secret_gets_out(world: World, heard: io.StringIO, tmp_path: Path) -> None:
    canary = Canaries()
    await run(world, canary, await plant(world, canary))
    links = in_links(one["text"] for one in await world.received())
    hunt = Hunt({**canary.named, **links, **await _signed_in(world), "a lent token": LENT})
    for answer in await misuse(world, canary):
        hunt.look(f"{answer.request.method} {answer.request.url.path}", f"{answer.headers} {answer.text}")
    link = (await world.link("5001")).removeprefix("/r/")
    await _hunt(world, hunt, link, heard, tmp_path)
    assert hunt.found == []
    lines = heard.getvalue()
    assert "adapter_broke" in lines
    assert "canary_run.py" in lines, "an exception no longer says where it went through"


async def test_the_hunt_finds_what_gets_out(world: World, heard: io.StringIO, tmp_path: Path) -> None:
    canary = Canaries()
    one, two, three = canary("one"), canary("two"), canary("three")
    hunt = Hunt(canary.named)
    await world.call("POST", "/branches", status=201, json={"name": one})
    await world.groups({"group": two, "platform": "manual", "leader": f"quoted%2F{three}", "leader_contact": "none"})
    await _signed_in(world)
    await world.launch(title=one)
    await world.forward(seconds=5)
    hidden = base64.b64encode(f"bot:{two}".encode()).decode()
    logging.getLogger("sombody.elses").debug("Basic %s to https://example.org/?x=%s", hidden, three)
    await _hunt(world, hunt, "rl_unknown", heard, tmp_path)
    places = {
        *(
            f"{column}: one"
            for column in ("branch.name", "campaign.title", "GET /api/v1/branches", "GET /api/v1/audit")
        ),
        *(f"{column}: two" for column in ("chat_group.name", "GET /api/v1/groups", "export", "export --json", "log")),
        *(f"{column}: three" for column in ("leader.name", "GET /api/v1/leaders", "log")),
    }
    assert places - set(hunt.found) == set()
