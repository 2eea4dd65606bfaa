"""The outermost skin of the API: counts requests, sets headers, and lets no exception or plain text out."""

from collections.abc import Awaitable, Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api import problems
from app.core import metrics

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
_RAW = [(name.lower().encode(), value.encode()) for name, value in _HEADERS.items()]
# Swagger UI comes from where FastAPI takes it.
_DOCS_POLICY = (
    "default-src 'none'; script-src https://cdn.jsdelivr.net 'unsafe-inline'; style-src https://cdn.jsdelivr.net "
    "'unsafe-inline'; img-src https://fastapi.tiangolo.com data:; connect-src 'self'; frame-ancestors 'none'"
)

TooLarge = Callable[[Scope, Receive], Awaitable[Response | None]]


class Edge:
    """Wraps the whole application, its error handling included: whatever was answered when an exception arrives
    here, it goes no further than the log. `too_large` may have an answer of its own to a body above the cap."""

    def __init__(self, app: ASGIApp, *, too_large: TooLarge) -> None:
        self.app = app
        self._too_large = too_large

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer = _Answer(scope, receive, send, self._too_large)
        try:
            await self.app(scope, receive, answer.send)
        except Exception as error:  # noqa: BLE001 - the last place before the server
            problems.note(error, route=_route(scope), method=scope["method"])
        finally:
            metrics.requests.labels(_route(scope), str(answer.status)).inc()


class _Answer:
    """The answer on its way out. The body cap's 413 is plain text, wherever it comes from: it becomes a problem, or a
    page."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, too_large: TooLarge) -> None:
        self._scope, self._receive, self._send, self._too_large = scope, receive, send, too_large
        self._replaced = False
        self.status = 500

    async def send(self, message: Message) -> None:
        if self._replaced:
            return
        if message["type"] == "http.response.start":
            self.status = message["status"]
            if self.status == 413 and Headers(scope=message).get("content-type", "").startswith("text/plain"):
                self._replaced = True
                answer = await self._too_large(self._scope, self._receive) or problems.too_large()
                await answer(self._scope, self._receive, self._dressed)
                return
        await self._dressed(message)

    async def _dressed(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if self._scope["path"] == "/docs":
                MutableHeaders(scope=message).setdefault("Content-Security-Policy", _DOCS_POLICY)
            said = {name for name, _ in message["headers"]}
            message["headers"] = [*message["headers"], *(one for one in _RAW if one[0] not in said)]
        await self._send(message)


def _route(scope: Scope) -> str:
    """The template of the route that answered, never the path: paths hold ids and relay links."""
    return str(getattr(scope.get("route"), "path", "unknown"))
