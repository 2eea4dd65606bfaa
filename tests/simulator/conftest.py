"""A practice platform on a real loopback port, fresh for each test, and a client that speaks to it."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from app.simulator.app import create_app
from app.simulator.server import bind, server


@dataclass
class Stage:
    """One server for the whole run, in a thread of its own; each test puts a fresh app on it."""

    base: str
    loop: asyncio.AbstractEventLoop
    app: FastAPI

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    with bind("127.0.0.1", 0) as line:
        loop = asyncio.new_event_loop()
        there = Stage(f"http://127.0.0.1:{line.getsockname()[1]}", loop, create_app())
        served = server(there)
        line.listen()
        thread = threading.Thread(target=lambda: loop.run_until_complete(served.serve(sockets=[line])))
        thread.start()
        yield there
        served.should_exit = True
        thread.join()
        loop.close()


@dataclass
class Sim:
    """The simulator as its users see it."""

    base: str
    http: httpx.AsyncClient

    async def telegram(self, chat: object, text: str = "hi", *, token: str = "1:a", **more: object) -> httpx.Response:
        body = {"chat_id": chat, "text": text, **more}
        return await self.http.post(f"/bot{token}/sendMessage", json=body)

    async def wecom(self, key: str, text: str = "hi") -> dict[str, Any]:
        answer = await self.http.post(
            "/cgi-bin/webhook/send", params={"key": key}, json={"msgtype": "text", "text": {"content": text}}
        )
        assert answer.status_code == 200
        found: dict[str, Any] = answer.json()
        return found

    async def control(self, path: str, **body: object) -> dict[str, Any]:
        answer = await self.http.post(f"/_sim/{path}", json=body)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    async def forward(self, seconds: float) -> None:
        await self.control("clock", advance_s=seconds)

    async def state(self) -> dict[str, Any]:
        found: dict[str, Any] = (await self.http.get("/_sim/state")).json()
        return found

    async def violations(self) -> int:
        return int((await self.state())["violations"])

    async def receipts(self, *, after: int = 0) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.http.get("/_sim/receipts", params={"after": after})).json()["items"]
        return found


@pytest.fixture
async def sim(stage: Stage) -> AsyncIterator[Sim]:
    stage.app = create_app()
    async with httpx.AsyncClient(base_url=stage.base, timeout=10, verify=False) as http:
        yield Sim(stage.base, http)
    asyncio.run_coroutine_threadsafe(stage.app.state.leaders.close(), stage.loop).result(5)
