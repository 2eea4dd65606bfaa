"""A real Matrix homeserver, Synapse, tells Muster what happens in its rooms, as to an application service: each event
is proven, stored once and acted on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from app.core.clock import DatabaseClock
from app.core.jobs import NoQueue
from app.flows.kit import Kit
from app.flows.receive import receive
from app.simulator.server import bind
from tests.application import application
from tests.synapse.homeserver import Homeserver, User, homeserver
from tests.world import center_on

pytestmark = [pytest.mark.alone, pytest.mark.synapse]

HS_TOKEN, AS_TOKEN = "said-by-the-homeserver", "said-by-the-service"
BOT = User("@muster:localhost", AS_TOKEN)


@asynccontextmanager
async def _served(app: FastAPI) -> AsyncIterator[str]:
    """The application on a real port, for a homeserver to speak to; answers its address."""
    with bind("127.0.0.1", 0) as line:
        line.listen()
        serving = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off"))
        task = asyncio.create_task(serving.serve(sockets=[line]))
        yield f"http://127.0.0.1:{line.getsockname()[1]}"
        serving.should_exit = True
        await task


async def _account(api: httpx.AsyncClient, there: Homeserver) -> str:
    secret = {"access_token": AS_TOKEN, "hs_token": HS_TOKEN, "user_id": BOT.id}
    body = {"name": "bot", "platform": "matrix", "base_url": there.base, "secret": secret}
    made = await api.post("/api/v1/accounts", json=body)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def _service(url: str) -> dict[str, object]:
    """What docs/platforms/matrix.md has an administrator write."""
    users = [{"exclusive": False, "regex": "@muster:localhost"}]
    namespaces = {"users": users, "rooms": [], "aliases": []}
    tokens = {"as_token": AS_TOKEN, "hs_token": HS_TOKEN, "sender_localpart": "muster"}
    return {"id": "muster", "url": url, **tokens, "namespaces": namespaces}


async def _group(kit: Kit, api: httpx.AsyncClient, **wanted: object) -> Any:
    """The one group, as soon as it is so."""
    for _ in range(200):
        await receive(kit)
        [found] = (await api.get("/api/v1/groups")).json()["items"]
        if all(found[name] == value for name, value in wanted.items()):
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(f"the group never was {wanted}: {found}")


async def _events(api: httpx.AsyncClient, account: str) -> list[Any]:
    found: list[Any] = (await api.get(f"/api/v1/accounts/{account}/events")).json()["items"]
    return found


async def _replayed(api: httpx.AsyncClient, account: str, event: object, token: str) -> int:
    path = f"/api/v1/receipts/matrix/{account}/_matrix/app/v1/transactions/4711"
    headers = {"Authorization": f"Bearer {token}"}
    return (await api.put(path, json={"events": [event]}, headers=headers)).status_code


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_real_homeserver_tells_what_became_of_a_group(database_url: str, tmp_path: Path) -> None:
    (folder := tmp_path / "synapse").mkdir()
    there = Homeserver(folder)
    host = there.base.removeprefix("http://")
    async with (
        center_on(database_url, tmp_path, clock=DatabaseClock(), queue=NoQueue(), hosts=(host,)) as (kit, api, _sim),
        _muster(kit) as muster,
    ):
        account = await _account(api, there)
        there.tell(_service(f"{muster}/api/v1/receipts/matrix/{account}"))
        async with homeserver(folder, there):
            owner = await there.user("owner", admin=True)
            room = await there.room(owner, BOT)
            path = f"/rooms/{quote(room, safe='')}"
            sheet = f"group,platform,address,account\nG,matrix,{room},bot\n".encode()
            files = {"file": ("groups.csv", sheet, "text/csv")}
            assert (await api.post("/api/v1/imports", files=files, params={"dry_run": "false"})).json()["create"] == 1
            await there.ask(owner, "PUT", f"{path}/send/m.room.message/1", {"msgtype": "m.text", "body": "收到"})
            await there.ask(owner, "POST", f"{path}/kick", {"user_id": BOT.id})
            await _group(kit, api, health="gone")
            await there.ask(owner, "POST", f"{path}/invite", {"user_id": BOT.id})
            await there.ask(BOT, "POST", f"{path}/join", {})
            await _group(kit, api, health="sound")
            moved = await there.ask(owner, "POST", f"{path}/upgrade", {"new_version": "10"})
            await _group(kit, api, address=moved["replacement_room"])
            heard = await _events(api, account)
            assert [one["outcome"] for one in heard if one["matter"] == "said"] == ["kept"]
            [event] = await there.messages(owner, room)
            assert await _replayed(api, account, event, HS_TOKEN) == 200
            assert await _replayed(api, account, {**event, "event_id": "$other"}, AS_TOKEN) == 401
            await receive(kit)
            assert await _events(api, account) == heard


@asynccontextmanager
async def _muster(kit: Kit) -> AsyncIterator[str]:
    with application(kit) as app:
        async with _served(app) as base:
            yield base
