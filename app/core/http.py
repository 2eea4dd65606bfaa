"""HTTP out: one client, one deadline, and an honest word about what the other side may have heard.

httpx over aiohttp's connector: eight times httpx's own pool at a hundred in flight. That transport reports a
connection cut after the request as `ConnectTimeout`, so no exception's name is trusted: the verdict is whether a
connection ever stood, which our connector sees as it happens.
"""

import asyncio
import json
import socket
import ssl
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol, cast
from urllib.parse import urlencode

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver
from aiohttp.connector import Connection
from httpx_aiohttp import AiohttpTransport

from app.core.addresses import AddressRefused, Guard, GuardedResolver, public_literal

DEADLINE_S = 15.0
CONNECT_S = 5.0
BODY_CAP = 64 * 1024
KEEP_ALIVE_S = 4.0

_HEADERS = {"user-agent": "muster", "accept": "*/*", "accept-encoding": "identity"}


class NotSent(Exception):
    """No byte of the request left this machine: free to try again. The text never holds a URL."""


class LineLost(Exception):
    """The request left us, or may have, and no complete answer came back. The text never holds a URL."""


@dataclass(frozen=True)
class File:
    """A file in a form, under this name."""

    name: str
    filename: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Request:
    """What to say to a platform. `url` is a secret: it stays out of logs and errors."""

    url: str = field(repr=False)
    method: str = "POST"
    json: object | None = field(default=None, repr=False)
    body: bytes | None = field(default=None, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    file: File | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Reply:
    """An answer. `headers` have lower-case names; of a longer `body` only the first BODY_CAP bytes are read."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class Http(Protocol):
    async def send(self, request: Request) -> Reply:
        """Say it once. Raises NotSent or LineLost, and nothing else."""
        ...


@dataclass
class _Line:
    """What is known about the connection of the request this task is saying."""

    listed: bool = False  # the operator listed the host, so that it may stand in our own network
    stood: bool = False  # a connection was there: from now on anything may have been heard


_line: ContextVar[_Line] = ContextVar("line")


class HttpClient:
    """The one client of a process. No redirects, no proxies from the environment, no cookies, a guarded resolver and
    guarded sockets."""

    def __init__(
        self,
        guard: Guard,
        *,
        connections: int = 200,
        deadline_s: float = DEADLINE_S,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._guard = guard
        self._connections = connections
        self._deadline_s = deadline_s
        self._resolver = resolver
        self._timeouts = {"timeout": httpx.Timeout(deadline_s, connect=CONNECT_S, pool=None).as_dict()}
        self._transport: AiohttpTransport | None = None

    async def send(self, request: Request) -> Reply:
        line = _Line()
        try:
            place = self._guard.check(request.url)
            line.listed = self._guard.lists(place.host, place.port)
            _line.set(line)
            async with asyncio.timeout(self._deadline_s):
                return await self._say(request)
        except AddressRefused as error:
            trouble = str(error)
        except TimeoutError:
            trouble = f"no complete answer within {self._deadline_s:g} s"
        except Exception as error:  # noqa: BLE001 - whatever a platform provokes, nothing else may escape
            trouble = type(error.__cause__ or error).__name__
        # Raised here, outside the handlers: the exception that broke the line holds the URL and must not hang on.
        if line.stood:
            raise LineLost(f"the connection broke ({trouble})")
        raise NotSent(f"no connection was made ({trouble})")

    async def _say(self, request: Request) -> Reply:
        """Straight to the transport: httpx's own client would keep cookies, read redirects and log the URL."""
        response = await self._opened().handle_async_request(_Spoken(request, self._timeouts))
        stream = cast("httpx.AsyncByteStream", response.stream)
        try:
            body = bytearray()
            async for chunk in stream:
                body += chunk
                if len(body) > BODY_CAP:
                    break
            headers = {name.lower().decode(): value.decode("latin-1") for name, value in response.headers.raw}
            return Reply(response.status_code, headers, bytes(body[:BODY_CAP]))
        finally:
            await stream.aclose()

    def _opened(self) -> AiohttpTransport:
        if self._transport is None:
            context = _trust()
            self._transport = AiohttpTransport(client=lambda: self._session(context), verify=context)
        return self._transport

    def _session(self, context: ssl.SSLContext) -> aiohttp.ClientSession:
        connector = _Connector(
            limit=self._connections,
            keepalive_timeout=KEEP_ALIVE_S,
            resolver=GuardedResolver(self._guard, self._resolver),
            ttl_dns_cache=30,
            ssl=context,
            socket_factory=_guarded_socket,
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
        )

    async def close(self) -> None:
        if self._transport is not None:
            transport, self._transport = self._transport, None
            await transport.aclose()


@cache
def _trust() -> ssl.SSLContext:
    """The authorities of this machine; reading them takes tens of milliseconds."""
    return ssl.create_default_context()


class _Spoken(httpx.Request):
    """What the transport asks of a request, and no more: httpx's own reads the URL and the headers a second time,
    which aiohttp does anyway, and takes a tenth of a post for it."""

    def __init__(self, request: Request, timeouts: dict[str, Any]) -> None:
        if not all(value.isascii() and value.isprintable() for value in request.headers.values()):
            raise ValueError("a header holds what no header may hold")
        kind, body = _body(request)
        self.method = request.method
        self.url = request.url  # type: ignore[assignment]
        self.headers = {**_HEADERS, **kind, **{name.lower(): value for name, value in request.headers.items()}}  # type: ignore[assignment]
        self._content = body
        self.extensions = timeouts


def _body(request: Request) -> tuple[Mapping[str, str], bytes]:
    if request.json is not None:
        said = json.dumps(request.json, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return {"content-type": "application/json"}, said.encode(errors="replace")
    if request.file is not None:
        return _multipart(request.file, request.form or {})
    if request.form is not None:
        return {"content-type": "application/x-www-form-urlencoded"}, urlencode(request.form).encode()
    return {}, request.body or b""


def _multipart(file: File, fields: Mapping[str, str]) -> tuple[Mapping[str, str], bytes]:
    """A form with a file, as httpx writes one."""
    files = {file.name: (file.filename, file.content, file.media_type)}
    built = httpx.Request("POST", "http://form.invalid", data=dict(fields), files=files)
    return {"content-type": built.headers["content-type"]}, built.read()


class _Connector(aiohttp.TCPConnector):
    """Notes the moment from which the other side may hear us: a new connection stands, or a used one is lent. There is
    no second one: aiohttp would say a lost GET, PUT or DELETE once more by itself."""

    async def connect(self, *arguments: Any, **more: Any) -> Connection:
        line = _line.get()
        if line.stood:
            raise ConnectionResetError("it was said once")
        connection = await super().connect(*arguments, **more)
        line.stood = True
        return connection


def _guarded_socket(info: tuple[Any, Any, Any, str, tuple[Any, ...]]) -> socket.socket:
    """The last gate: whatever spelling or resolver led here, this is the very address that would be connected to.
    Raises OSError."""
    family, kind, protocol, _, address = info
    if not _line.get().listed and not public_literal(str(address[0])):
        raise OSError("the address is not public")
    return socket.socket(family, kind, protocol)
