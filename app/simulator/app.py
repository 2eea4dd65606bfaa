"""The simulator as one ASGI app: the platforms' own paths, the control API, a page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import FastAPI, Header
from fastapi.responses import HTMLResponse
from starlette.routing import Route

from app.simulator.control import router
from app.simulator.dingtalk import DingTalk
from app.simulator.discord import Discord
from app.simulator.feishu import Feishu
from app.simulator.feishu_app import FeishuApp
from app.simulator.googlechat import GoogleChat
from app.simulator.leaders import Leaders
from app.simulator.matrix import Matrix
from app.simulator.mattermost import Hooks, Posts
from app.simulator.page import SHOWN, page
from app.simulator.practice import Practice
from app.simulator.slack import App as SlackApp
from app.simulator.slack import Hook as SlackHook
from app.simulator.teams import Teams
from app.simulator.telegram import Telegram
from app.simulator.webhook import Webhook
from app.simulator.wecom import WeCom
from app.simulator.wecom_app import WeComApp
from app.simulator.wecom_customers import WeComCustomers
from app.simulator.zulip import Zulip


def create_app() -> FastAPI:
    """A fresh practice platform. Cutting connections needs `app.simulator.server`; all else works anywhere."""
    leaders = Leaders()
    practice = Practice(leaders.heard)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await leaders.close()

    app = FastAPI(title="Muster practice platform", lifespan=lifespan, openapi_url=None)
    app.router.routes += _platforms(practice, leaders)
    app.state.practice = practice
    app.state.leaders = leaders
    app.include_router(router)

    @app.get("/", response_class=HTMLResponse)
    async def received(accept_language: Annotated[str, Header()] = "") -> HTMLResponse:
        receipts = practice.receipts
        broken, faults = receipts.violations(), practice.faults.shown()
        shown = page(receipts.counts(), receipts.latest(SHOWN), broken=broken, faults=faults, language=accept_language)
        return HTMLResponse(shown)

    return app


def _platforms(practice: Practice, leaders: Leaders) -> list[Route]:
    """The paths of every platform there is."""
    posts, teams = Posts(practice), Teams(practice)
    feishu, wecom = FeishuApp(practice), WeComApp(practice)
    matrix, slack = Matrix(practice), SlackApp(practice)
    return [
        Route("/bot{token}/{method}", Telegram(practice).handle, methods=["GET", "POST"]),
        Route("/cgi-bin/webhook/send", WeCom(practice).handle, methods=["POST"]),
        Route("/cgi-bin/gettoken", wecom.lend, methods=["GET"]),
        Route("/cgi-bin/message/send", wecom.handle, methods=["POST"]),
        Route("/cgi-bin/message/recall", wecom.recall, methods=["POST"]),
        *WeComCustomers(practice, wecom, leaders.asked).routes(),
        Route("/robot/send", DingTalk(practice).handle, methods=["POST"]),
        Route("/open-apis/bot/v2/hook/{token}", Feishu(practice).handle, methods=["POST"]),
        Route("/open-apis/auth/v3/tenant_access_token/internal", feishu.lend, methods=["POST"]),
        Route("/open-apis/im/v1/pins", feishu.pin, methods=["POST"]),
        Route("/open-apis/im/v1/images", feishu.lay, methods=["POST"]),
        Route("/open-apis/im/v1/messages", feishu.handle, methods=["POST"]),
        Route("/open-apis/im/v1/messages/{message_id}", feishu.recall, methods=["DELETE"]),
        Route("/open-apis/im/v1/messages/{message_id}", feishu.edit, methods=["PUT", "PATCH"]),
        Route("/_matrix/client/v3/{path:path}", matrix.handle, methods=["GET", "PUT", "POST"]),
        Route("/_matrix/media/v3/upload", matrix.lay, methods=["POST"]),
        Route("/webhook/{name:path}", Webhook(practice).handle, methods=["POST"]),
        Route("/services/{hook:path}", SlackHook(practice).handle, methods=["POST"]),
        Route("/api/{method}", slack.handle, methods=["POST"]),
        Route("/upload/v1/{file}", slack.take, methods=["POST"]),
        *Discord(practice).routes(),
        Route("/hooks/{hook}", Hooks(practice).handle, methods=["POST"]),
        Route("/api/v4/posts", posts.handle, methods=["POST"]),
        Route("/api/v4/files", posts.lay, methods=["POST"]),
        Route("/api/v4/posts/{post}", posts.delete, methods=["DELETE"]),
        Route("/api/v4/posts/{post}/patch", posts.patch, methods=["PUT"]),
        Route("/api/v4/users/me", posts.me, methods=["GET"]),
        *_zulip(Zulip(practice)),
        Route("/v1/spaces/{space}/messages", GoogleChat(practice).handle, methods=["POST"]),
        Route("/workflows/{workflow}/triggers/{trigger}/paths/invoke", teams.handle, methods=["POST"]),
        Route(
            "/powerautomate/automations/direct/workflows/{workflow}/triggers/{trigger}/paths/invoke",
            teams.handle,
            methods=["POST"],
        ),
    ]


def _zulip(zulip: Zulip) -> list[Route]:
    return [
        Route("/api/v1/messages", zulip.handle, methods=["POST"]),
        Route("/api/v1/user_uploads", zulip.lay, methods=["POST"]),
        Route("/api/v1/messages/{number:int}", zulip.delete, methods=["DELETE"]),
        Route("/api/v1/messages/{number:int}", zulip.edit, methods=["PATCH"]),
        Route("/api/v1/streams/{number:int}", zulip.channel, methods=["GET"]),
        Route("/api/v1/server_settings", zulip.settings, methods=["GET"]),
        Route("/api/v1/users/me", zulip.me, methods=["GET"]),
    ]
