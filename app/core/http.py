"""HTTP out: one client, one deadline, and an honest word about what the other side may have heard.

httpx over aiohttp's connector: eight times httpx's own pool at a hundred in flight. That transport reports a
connection cut after the request as `ConnectTimeout`, so the verdict is read from aiohttp's own exception.
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from app.core.addresses import AddressRefused, Guard, GuardedResolver

DEADLINE_S = 15.0
BODY_CAP = 64 * 1024
KEEP_ALIVE_S = 4.0

_NEVER_CONNECTED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


class NotSent(Exception):
    """No byte of the request left this machine: free to try again. The text never holds a URL."""


class LineLost(Exception):
    """The request left us, or may have, and no complete answer came back. The text never holds a URL."""


@dataclass(frozen=True)
class Request:
    """What to say to a platform. `url` is a secret: it stays out of logs and errors."""

    url: str = field(repr=False)
    method: str = "POST"
    json: object | None = field(default=None, repr=False)
    body: bytes | None = field(default=None, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Reply:
    """A complete answer. `body` is at most BODY_CAP bytes; a longer one raises LineLost instead."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class Http(Protocol):
    async def send(self, request: Request) -> Reply:
        """Say it once. Raises NotSent or LineLost, and nothing else."""
        ...


class HttpClient:
    """The one client of a process. No redirects, no proxies from the environment, no cookies, a guarded resolver."""

    def __init__(self, guard: Guard, *, connections: int = 200, deadline_s: float = DEADLINE_S) -> None:
        self._guard = guard
        self._connections = connections
        self._deadline_s = deadline_s
        self._client: httpx.AsyncClient | None = None

    async def send(self, request: Request) -> Reply:
        try:
            self._guard.check(request.url)
        except AddressRefused as error:
            raise NotSent(str(error)) from error
        try:
            async with asyncio.timeout(self._deadline_s):
                return await self._say(request)
        except TimeoutError:
            raise LineLost(f"no complete answer within {self._deadline_s:g} s") from None
        except (httpx.HTTPError, aiohttp.ClientError, OSError) as error:
            raise _verdict(error) from None

    async def _say(self, request: Request) -> Reply:
        client = self._opened()
        async with client.stream(
            request.method,
            request.url,
            json=request.json,
            content=request.body,
            data=request.form,
            headers={"Accept-Encoding": "identity", **request.headers},
        ) as response:
            body = bytearray()
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > BODY_CAP:
                    raise LineLost(f"the answer is longer than {BODY_CAP} bytes")
            return Reply(response.status_code, dict(response.headers), bytes(body))

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            transport = AiohttpTransport(client=self._session)
            timeout = httpx.Timeout(self._deadline_s, connect=5, pool=None)
            self._client = httpx.AsyncClient(
                transport=transport, timeout=timeout, trust_env=False, follow_redirects=False
            )
        return self._client

    def _session(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=self._connections,
            keepalive_timeout=KEEP_ALIVE_S,
            resolver=GuardedResolver(self._guard),
            ttl_dns_cache=30,
            ssl=ssl.create_default_context(),
        )
        return aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False, auto_decompress=False
        )

    async def close(self) -> None:
        if self._client is not None:
            client, self._client = self._client, None
            await client.aclose()


def _verdict(error: BaseException) -> NotSent | LineLost:
    """What this exception proves. Only a connection that never stood proves that nothing was said."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, _NEVER_CONNECTED):
            return NotSent(f"no connection ({type(seen).__name__})")
        seen = seen.__cause__ or seen.__context__
    return LineLost(f"the connection broke ({type(error.__cause__ or error).__name__})")
