"""No secret gets out: a full run over all platforms with everything going wrong, and then the hunt for what was planted
in it, in logs, answers, events, exports, metrics and every column of the database."""

import asyncio
import base64
import io
import logging
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.routing import iter_route_contexts

from app.channels.adapters.zulip import Zulip
from app.channels.port import Outcome, Post
from app.core import logs
from app.core.http import Http
from app.flows.drain import Drain
from app.flows.watch import watch
from app.main import create_app
from app.schema import metadata
from tests.architecture.test_routes import PREFIXES
from tests.canaries import LENT, Canaries, Hunt, in_links
from tests.conftest import T0
from tests.world import World, world_on

ACCOUNTS = (
    *("dingtalk", "discord_bot", "feishu", "feishu_app", "matrix", "mattermost_app", "slack_app", "telegram"),
    *("webhook", "wecom", "wecom_app", "zulip"),
)
PEOPLE = {
    "feishu": "ou_practice1",
    "matrix": "!leader:localhost",
    "slack": "U024BE7LH",
    "telegram": "5001",
    "webhook": "{base}/webhook/people/{canary}",
    "wecom": "WangFang",
}
MOST_IDS = 40  # of one kind, evenly chosen: their relays and deliveries are hundreds alike
FAULTS = ("html_200", "drop_after_accept", "reset", "http_500", "throttle", "half_answer", "credential_refused")


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


async def _plant(world: World, canary: Canaries) -> dict[str, str]:
    """An account and a group for each way in, a leader for each way to write to one; answers the accounts' ids."""
    base, accounts = world.platform, {}
    for name in ACCOUNTS:
        body = {"base_url": base, "secret": canary.account(name)}
        accounts[name] = await world.account(name, name.split("_")[0], **body)
    await world.groups(*canary.groups(base))
    for kind, where in PEOPLE.items():
        contact = where.format(base=base, canary=canary("contact"))
        row = {"group": f"{kind} group", "platform": "manual", "leader": kind, "routes": "leader"}
        await world.groups({**row, "leader_contact": f"{kind}:{contact}"})
    return accounts


async def _run(world: World, canary: Canaries, accounts: dict[str, str]) -> None:
    """Campaign after campaign, each with its own misfortune; then every secret is renewed, and every bot kicked."""
    sound = await world.launch(title="sound", relay_minutes=5)
    await world.forward(seconds=60, step=10)
    relays = await world.relays(sound)
    states = sorted(relay["state"] for relay in relays.values())
    assert states == ["assigned"] * len(PEOPLE) + ["relayed"] * (len(states) - len(PEOPLE))
    pressed = await world.presses(
        await world.link("5001"), "cannot", relays["telegram group"]["id"], reason="travelling"
    )
    assert pressed.is_success
    await _break(world)
    for kind in FAULTS:
        await world.sim.post("/_sim/faults", json={"kind": kind, "times": None, "retry_after": 30})
        await world.launch(title=kind, relay_minutes=5)
        await world.forward(seconds=60, step=20)
        await world.sim.delete("/_sim/faults")
        await world.forward(minutes=12, step=180)
    for name, account in accounts.items():
        await world.call("PATCH", f"/accounts/{account}", json={"secret": canary.account(name, turn=2)})
        await world.call("POST", f"/accounts/{account}/check")
    for name in {*accounts, *(row["platform"] for row in canary.groups(world.platform))}:
        await world.sim.post("/_sim/targets", json={"platform": name, "target": "*", "state": "kicked"})
    await world.launch(title="kicked", relay_minutes=5)
    await world.forward(minutes=12, step=60)


class Broken(Zulip):
    """An adapter with a mistake in it, whose exception holds all it knows."""

    async def post(self, post: Post, http: Http) -> Outcome:
        raise ValueError(f"{post.address} {dict(post.secret)}")


async def _break(world: World) -> None:
    """A campaign to a worker whose adapter is broken."""
    kit = replace(world.kit, channels={**world.kit.channels, "zulip": Broken()})
    sound, world.drain = world.drain, Drain(kit, "wrk_story")
    await world.launch(title="broken", relay_minutes=5)
    await world.forward(minutes=6, step=20)
    world.drain = sound


async def _misuse(world: World, canary: Canaries) -> list[httpx.Response]:
    """Secrets where they do not belong: every answer is a problem document."""
    one = canary("misplaced")
    sheet = (
        f"group,platform,address,leader,leader_contact\nx,wecom,https://evil.example/{one},L,webhook:http://{one}/\n"
    )
    token = {"Authorization": f"Bearer mk_{'a' * 12}_{one}"}
    key = {"Idempotency-Key": "misuse"}
    bodies: list[tuple[str, dict[str, Any]]] = [
        ("/accounts", {"json": {"name": "x", "platform": "telegram", "secret": {"bot_token": one, "more": one}}}),
        ("/accounts", {"json": {"name": "x", "platform": "slack", "secret": {"password": one}}}),
        ("/accounts", {"json": {"name": "x", "platform": "slack", "secret": one}}),
        ("/accounts", {"json": {"name": "x", "platform": "slack", "base_url": f"https://evil.example/{one}"}}),
        ("/accounts", {"content": f'{{"secret": {{"bot_token": "{one}'}),
        ("/groups", {"json": {"name": "x", "platform": "wecom", "address": f"https://evil.example/?key={one}"}}),
        ("/groups", {"json": {"name": "x", "platform": "webhook", "secret": ["whsec_", one]}}),
        ("/leaders", {"json": {"name": "x", "contact": f"webhook:http://evil.example/{one}"}}),
        ("/leaders", {"json": {"name": "x", "contact": f"webhook {one}"}}),
        ("/campaigns", {"json": {"title": "x"}, "headers": {**key, **token}}),
        ("/imports", {"files": {"file": ("x.csv", sheet.encode(), "text/csv")}}),
        ("/imports", {"files": {"file": ("x.xlsx", one.encode(), "text/csv")}}),
    ]
    answers = [await world.api.post(f"/api/v1{path}", **more) for path, more in bodies]
    answers.append(await world.api.get(f"/r/rl_{'a' * 12}_{one}"))
    answers.append(await world.api.post(f"/hooks/ack/rl_{'a' * 12}_{one}/all", json={"action": "done", "token": one}))
    assert [answer.text for answer in answers if answer.is_success and "errors" not in answer.json()] == []
    return answers


async def _hunt(world: World, hunt: Hunt, link: str, heard: io.StringIO, folder: Path) -> None:
    """Look at everything that can be asked, opened or read."""
    ids = await _tables(world, hunt)
    for path in _asked(ids, link):
        answer = await world.api.get(path, params={"limit": 200} if path.endswith("s") else None)
        assert answer.status_code in {200, 404}, f"{path}: {answer.text}"
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
    for route in iter_route_contexts(create_app().routes):
        path = str(route.path)
        if "GET" not in (route.methods or ()) or path.endswith("/stream"):
            continue
        name = next((part[1:-1] for part in path.split("/") if part.startswith("{")), "")
        values = (
            [link] if name == "token" else ["nothing"] if name == "slug" else known.get(f"{PREFIXES.get(name)}_", [])
        )
        yield from [path.replace(f"{{{name}}}", value) for value in values] if name else [path]


def _some(ids: list[str]) -> list[str]:
    return ids[:: max(1, len(ids) // MOST_IDS)]


async def test_no_planted_secret_gets_out(world: World, heard: io.StringIO, tmp_path: Path) -> None:
    canary = Canaries()
    await _run(world, canary, await _plant(world, canary))
    hunt = Hunt({**canary.named, **in_links(one["text"] for one in await world.received()), "lent": LENT})
    for answer in await _misuse(world, canary):
        hunt.look(f"{answer.request.method} {answer.request.url.path}", f"{answer.headers} {answer.text}")
    link = (await world.link("5001")).removeprefix("/r/")
    await _hunt(world, hunt, link, heard, tmp_path)
    assert hunt.found == []
    lines = heard.getvalue()
    assert "adapter_broke" in lines
    assert "test_canaries.py" in lines, "an exception no longer says where it went through"


async def test_the_hunt_finds_what_gets_out(world: World, heard: io.StringIO, tmp_path: Path) -> None:
    canary = Canaries()
    one, two, three = canary("one"), canary("two"), canary("three")
    hunt = Hunt(canary.named)
    await world.call("POST", "/branches", status=201, json={"name": one})
    await world.groups({"group": two, "platform": "manual", "leader": f"quoted%2F{three}", "leader_contact": "none"})
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
