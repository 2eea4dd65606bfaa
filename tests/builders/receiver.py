"""Somebody else's program on loopback, which is told by webhooks and believes what is signed."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from standardwebhooks.webhooks import Webhook as Signer

from tests.servers import free_port


@dataclass
class Receiver:
    """Somebody else's program on loopback; answers `status` and keeps what came."""

    port: int = field(default_factory=free_port)
    status: int = 204
    calls: list[tuple[dict[str, str], str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?key=hidden"

    async def take(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.calls.append((headers, await request.text()))
        return web.Response(status=self.status)

    def heard(self) -> list[str]:
        return [Signed(call).body["type"] for call in self.calls]


class Signed:
    def __init__(self, call: tuple[dict[str, str], str]) -> None:
        self.headers, self.text = call

    @property
    def body(self) -> Any:
        return json.loads(self.text)

    def checked(self, secret: str) -> Any:
        """What the receiver believes. Raises WebhookVerificationError."""
        return Signer(secret).verify(self.text, self.headers)


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    found = Receiver()
    app = web.Application()
    app.router.add_post("/hook", found.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", found.port).start()
    yield found
    await runner.cleanup()
