"""The simulator as one ASGI app: the platforms' own paths, the control API, a page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from starlette.routing import Route

from app.simulator.control import router
from app.simulator.leaders import Leaders
from app.simulator.matrix import Matrix
from app.simulator.page import page
from app.simulator.practice import Practice
from app.simulator.telegram import Telegram
from app.simulator.webhook import Webhook
from app.simulator.wecom import WeCom


def create_app() -> FastAPI:
    """A fresh practice platform. Cutting connections needs `app.simulator.server`; all else works anywhere."""
    leaders = Leaders()
    practice = Practice(leaders.heard)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await leaders.close()

    app = FastAPI(title="Muster practice platform", lifespan=lifespan, openapi_url=None)
    app.router.routes += [
        Route("/bot{token}/{method}", Telegram(practice).handle, methods=["GET", "POST"]),
        Route("/cgi-bin/webhook/send", WeCom(practice).handle, methods=["POST"]),
        Route("/_matrix/client/v3/{path:path}", Matrix(practice).handle, methods=["GET", "PUT", "POST"]),
        Route("/webhook/{name:path}", Webhook(practice).handle, methods=["POST"]),
    ]
    app.state.practice = practice
    app.state.leaders = leaders
    app.include_router(router)

    @app.get("/", response_class=HTMLResponse)
    async def received() -> HTMLResponse:
        return HTMLResponse(page(practice.receipts.counts(), practice.receipts.latest(200)))

    return app
