"""What every stream to an open page keeps to: it ends when its reader has left or may read no longer."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import TypeVar

from fastapi import Request

from app.flows.sign_in import signed_in
from app.web.cookies import session_token
from app.web.desk import Desk

News = TypeVar("News")

ASKED_EVERY = timedelta(seconds=30)
"""How often a stream asks whether its session still stands."""


async def while_welcome(request: Request, desk: Desk, news: AsyncIterator[News | None]) -> AsyncIterator[News]:
    """These news, while the session stands and somebody listens. A None in them is a moment to find out."""
    asked = desk.kit.clock.now()
    async for one in news:
        now = desk.kit.clock.now()
        if now - asked > ASKED_EVERY:
            asked = now
            if await signed_in(desk.kit, session_token(request, desk.kit) or "") is None:
                return
        if one is not None:
            yield one
        elif await request.is_disconnected():
            return
