"""`Idempotency-Key` over a real server: one key, one campaign, whoever repeats it, however often, and whatever dies."""

import asyncio
import json
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, text

from app.core.db import Database
from app.domain.access import service as access
from app.domain.access.states import Role
from app.schema import metadata
from tests import serving as sound
from tests.failpoints.fallen import ended, environment, falling
from tests.servers import free_port

BODY: dict[str, Any] = {"title": "Storm", "body": "Please stay indoors.", "relay_minutes": 30}
NEVER = 10**9
RIVALS = 5


@pytest.fixture
async def keys(database_url: str) -> tuple[str, str]:
    """The owner keys of two centers."""
    db = Database(database_url)
    tokens = []
    async with db.write() as tx:
        for name in ("here", "elsewhere"):
            center = await access.create_center(tx, name, actor="test")
            tokens.append((await access.create_key(tx, center.id, name="o", role=Role.OWNER, actor="test")).token)
    await db.close()
    return tokens[0], tokens[1]


@asynccontextmanager
async def serving(
    database_url: str, folder: Path, key: str, *, point: str = "draft_committed", nth: int = NEVER
) -> AsyncIterator[tuple[httpx.AsyncClient, ForkServerProcess]]:
    """An API process that falls when it has drafted the nth campaign, and a client with this key."""
    port = str(free_port())
    limits = httpx.Limits(max_connections=200)
    headers = {"Authorization": f"Bearer {key}"}
    base = f"http://127.0.0.1:{port}"
    async with (
        falling(environment(database_url, folder, port=port), point, nth) as process,
        httpx.AsyncClient(base_url=base, headers=headers, limits=limits, trust_env=False, timeout=30) as client,
    ):
        for _ in range(1000):
            try:
                if (await client.get("/healthz")).status_code == 200:
                    break
            except httpx.TransportError:
                await asyncio.sleep(0.02)
        yield client, process


@asynccontextmanager
async def whole(database_url: str, key: str) -> AsyncIterator[httpx.AsyncClient]:
    """An API process as it is, which writes in as many transactions at once as are asked for: one that can fall makes
    them one after the other."""
    async with sound.serving("app.main", database_url, timeout_s=300) as (client, _):
        client.headers["Authorization"] = f"Bearer {key}"
        yield client


async def _post(
    client: httpx.AsyncClient, key: str, headers: dict[str, str] | None = None, **body: Any
) -> httpx.Response:
    headers = {**(headers or {}), "Idempotency-Key": key}
    return await client.post("/api/v1/campaigns", headers=headers, json={**BODY, **body})


async def _made(client: httpx.AsyncClient) -> int:
    return len((await client.get("/api/v1/campaigns")).json()["items"])


async def _rows(database_url: str) -> Counter[str]:
    """How many rows each table has."""
    db = Database(database_url)
    async with db.read() as tx:
        counted = {name: select(func.count()).select_from(table) for name, table in metadata.tables.items()}
        found = Counter({name: int((await tx.run(count)).scalar_one()) for name, count in counted.items()})
    await db.close()
    return found


@asynccontextmanager
async def _receipts_held(database_url: str) -> AsyncIterator[None]:
    """Nobody can note at first what his key made: on PostgreSQL, where many can write at once, until some of them have
    seen that nobody was first."""
    db = Database(database_url)
    try:
        async with db.write() as tx:
            if db.dialect == "postgresql":
                await tx.run(text("LOCK TABLE idempotency_record IN SHARE MODE"))
            yield
            if db.dialect == "postgresql":
                await _in_line(db)
    finally:
        await db.close()


async def _in_line(db: Database) -> None:
    here = "datname = current_database() AND wait_event_type = 'Lock'"
    waiting = text(f"SELECT count(*) FROM pg_stat_activity WHERE {here}")
    for _ in range(600):
        async with db.read() as tx:
            if (await tx.run(waiting)).scalar_one() >= RIVALS:
                return
        await asyncio.sleep(0.1)
    raise AssertionError("there was no race")


async def test_a_hundred_at_once_with_one_key_make_one_campaign(database_url: str, keys: tuple[str, str]) -> None:
    """Each of the others is a replay of the one's whole answer; a hundred leave in every table what one alone does."""
    async with whole(database_url, keys[0]) as client:
        began = await _rows(database_url)
        assert (await _post(client, "alone")).status_code == 201
        alone = await _rows(database_url)
        async with _receipts_held(database_url):
            posts = [asyncio.create_task(_post(client, "once")) for _ in range(100)]
        answers = await asyncio.gather(*posts)
        assert Counter(answer.status_code for answer in answers) == {201: 100}
        assert len({answer.text for answer in answers}) == 1
        assert sum(answer.headers.get("Idempotent-Replayed") == "true" for answer in answers) == 99
        once = await _rows(database_url) - alone
        assert once["campaign"] == 1
        assert once == alone - began
        assert await _made(client) == 2


async def test_of_two_bodies_racing_for_one_key_one_wins_and_the_other_is_told(
    database_url: str, keys: tuple[str, str]
) -> None:
    async with whole(database_url, keys[0]) as client:
        titles = [f"Storm {number % 2}" for number in range(100)]
        answers = await asyncio.gather(*(_post(client, "once", title=title) for title in titles))
        assert Counter(answer.status_code for answer in answers) == {201: 50, 422: 50}
        assert {answer.json()["code"] for answer in answers if answer.status_code == 422} == {"idempotency_key_reused"}
        assert len({answer.json()["title"] for answer in answers if answer.status_code == 201}) == 1
        assert await _made(client) == 1


async def test_two_centers_with_one_key_have_a_campaign_each(database_url: str, keys: tuple[str, str]) -> None:
    theirs = {"Authorization": f"Bearer {keys[1]}"}
    async with whole(database_url, keys[0]) as client:
        answers = await asyncio.gather(*(_post(client, "once", theirs if odd % 2 else None) for odd in range(40)))
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.json()["id"] for answer in answers[::2]}) == 1
        assert len({answer.json()["id"] for answer in answers}) == 2
        assert await _made(client) == 1


REFUSED = {
    b"": {400},
    b"Idempotency-Key:\r\n": {422},
    b"Idempotency-Key: " + b"k" * 256 + b"\r\n": {422},
    "Idempotency-Key: 钥匙\r\n".encode(): {422},
    "Idempotency-Key: clé\r\n".encode("latin-1"): {422},
    b"Idempotency-Key: a b\r\n": {422},
    # No header may hold these: the server refuses the whole request, or the key is refused.
    b"Idempotency-Key: a\r\n b\r\n": {400, 422},
    b"Idempotency-Key: a\rb\r\n": {400, 422},
    b"Idempotency-Key: a\nb\r\n": {400, 422},
    b"Idempotency-Key: a\x00b\r\n": {400, 422},
}


async def test_a_key_is_one_to_255_visible_letters_and_nothing_else_makes_anything(
    database_url: str, tmp_path: Path, keys: tuple[str, str]
) -> None:
    async with serving(database_url, tmp_path, keys[0]) as (client, _):
        for line, statuses in REFUSED.items():
            assert await _raw(client, keys[0], line) in statuses, line
        assert await _made(client) == 0
        assert await _raw(client, keys[0], b"Idempotency-Key: " + b"~" * 255 + b"\r\n") == 201
        assert await _made(client) == 1


async def _raw(client: httpx.AsyncClient, token: str, line: bytes) -> int:
    """The status of a POST with this very line among its headers."""
    reader, writer = await asyncio.open_connection("127.0.0.1", client.base_url.port)
    body = json.dumps(BODY).encode()
    writer.write(
        b"POST /api/v1/campaigns HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        b"Content-Type: application/json\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n%s\r\n%s"
        % (token.encode(), len(body), line, body)
    )
    status = int((await reader.readline()).split()[1])
    writer.close()
    return status


async def test_an_api_that_dies_after_its_commit_answers_the_same_campaign_to_the_retry(
    database_url: str, tmp_path: Path, keys: tuple[str, str]
) -> None:
    async with serving(database_url, tmp_path, keys[0], nth=1) as (client, process):
        with pytest.raises(httpx.TransportError):
            await _post(client, "once")
        assert await ended(process) == -signal.SIGKILL
    async with serving(database_url, tmp_path, keys[0]) as (client, _):
        [stands] = (await client.get("/api/v1/campaigns")).json()["items"]
        again = await _post(client, "once")
        assert (again.status_code, again.json()["id"]) == (201, stands["id"])
        assert again.headers["Idempotent-Replayed"] == "true"
        assert await _made(client) == 1


async def test_an_api_that_dies_before_its_commit_has_made_nothing(
    database_url: str, tmp_path: Path, keys: tuple[str, str]
) -> None:
    async with serving(database_url, tmp_path, keys[0], point="draft_uncommitted", nth=1) as (client, process):
        with pytest.raises(httpx.TransportError):
            await _post(client, "once")
        assert await ended(process) == -signal.SIGKILL
    async with serving(database_url, tmp_path, keys[0]) as (client, _):
        assert await _made(client) == 0
        again = await _post(client, "once")
        assert again.status_code == 201
        assert "Idempotent-Replayed" not in again.headers
