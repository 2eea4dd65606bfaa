"""The practice Discord: webhooks and a bot's messages, judged by a bucket that is told, one that is not, and one for
all requests; behind a door that turns strangers away and shuts out who asks wrongly too often."""

from collections import deque
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.simulator.discord_wires import Bot, Hook
from app.simulator.discord_words import no
from app.simulator.practice import Practice

INVALID_MOST = 10_000
INVALID_PER_S = 600.0

Handler = Callable[[Request], Awaitable[Response]]


class Discord:
    """All routes. `invalid_most` answers of 401, 403 or 429 in ten minutes shut the door for the rest of them; a
    limit that is shared with others counts for nothing there."""

    def __init__(self, practice: Practice, *, invalid_most: int = INVALID_MOST) -> None:
        self._practice = practice
        self._invalid: deque[float] = deque(maxlen=invalid_most)

    def routes(self) -> list[Route]:
        hook, bot = Hook(self._practice), Bot(self._practice)
        known: tuple[tuple[str, str, Handler], ...] = (
            ("POST", "/webhooks/{hook}/{token}", hook.post),
            ("DELETE", "/webhooks/{hook}/{token}/messages/{message}", hook.delete),
            ("PATCH", "/webhooks/{hook}/{token}/messages/{message}", hook.edit),
            ("POST", "/channels/{channel}/messages", bot.post),
            ("DELETE", "/channels/{channel}/messages/{message}", bot.delete),
            ("PATCH", "/channels/{channel}/messages/{message}", bot.edit),
            ("PUT", "/channels/{channel}/messages/pins/{message}", bot.pin),
            ("GET", "/users/@me", bot.me),
        )
        return [Route(f"/api/v10{path}", self._door(handler), methods=[method]) for method, path, handler in known]

    def _door(self, handler: Handler) -> Handler:
        async def through(request: Request) -> Response:
            if not request.headers.get("user-agent", "").startswith("DiscordBot ("):
                return no(403, 40333, "internal network error").response
            now = self._practice.now()
            if len(self._invalid) == self._invalid.maxlen and self._invalid[0] > now - INVALID_PER_S:
                return PlainTextResponse("error code: 1015", 429)
            answer = await handler(request)
            if answer.status_code in {401, 403, 429} and answer.headers.get("x-ratelimit-scope") != "shared":
                self._invalid.append(now)
            return answer

        return through
