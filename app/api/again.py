"""A request whose transaction the database ended for the sake of another's is run once more, not shown to its caller.

PostgreSQL ends one of two transactions that wait for each other (a deadlock) and undoes all it did. Every command is
safe to run twice, so the second try is the first one's right answer.
"""

import asyncio
import random

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.outages import is_collision

log = structlog.get_logger(__name__)

TRIES = 6
PAUSE_S = 0.02
MOST_BYTES = 2_100_000
"""A longer body is not kept for a second try."""


class Again:
    """Inside the handler of everything unforeseen, around the routes."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = _Request(receive)
        for number in range(1, TRIES + 1):
            answer = _Answer(send)
            own = dict(scope)
            try:
                await self.app(own, request.once_more(), answer.send)
            except Exception as error:
                if number == TRIES or answer.begun or request.forgotten or not is_collision(error):
                    raise
                log.info("run_again", method=scope["method"], after=number)
            else:
                return
            finally:
                scope.update(own)
            await asyncio.sleep(random.uniform(PAUSE_S, PAUSE_S * 2**number))  # noqa: S311 - dice, not secrets


class _Answer:
    """Knows whether the caller has heard anything yet."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.begun = False

    async def send(self, message: Message) -> None:
        self.begun = True
        await self._send(message)


class _Request:
    """Keeps the body as it arrives, so that it can be read once more."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._kept: list[Message] = []
        self._size = 0
        self.forgotten = False

    def once_more(self) -> Receive:
        """What reads this request from its beginning."""
        kept = iter(list(self._kept))

        async def receive() -> Message:
            for message in kept:
                return message
            message = await self._receive()
            if message["type"] == "http.request":
                self._keep(message)
            return message

        return receive

    def _keep(self, message: Message) -> None:
        self._size += len(message.get("body", b""))
        if self._size > MOST_BYTES:
            self.forgotten = True
            self._kept.clear()
        else:
            self._kept.append(message)
