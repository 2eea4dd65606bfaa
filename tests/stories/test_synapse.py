"""A real Matrix homeserver, Synapse, under the real flow: fifty rooms, its own limits, and a worker that is killed when
it was answered and could not write that down. Every room gets it once."""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from app.channels.adapters.matrix import Matrix
from app.channels.port import Credential, Outcome, Post, Posted, Verdict
from app.core.addresses import Guard
from app.core.clock import DatabaseClock, wall_clock
from app.core.http import HttpClient
from app.core.jobs import ArqQueue
from tests.channels.harness import posted_by
from tests.failpoints.fallen import ended, environment, falling
from tests.synapse.homeserver import Homeserver, User, homeserver
from tests.world import center_on

pytestmark = [pytest.mark.alone, pytest.mark.synapse, pytest.mark.asyncio(loop_scope="module")]

ROOMS, ANSWERED = 50, 12
TEXT = "Please stay indoors until 18:00. @room"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def synapse(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Homeserver]:
    async with homeserver(tmp_path_factory.mktemp("synapse")) as there:
        yield there


@asynccontextmanager
async def _working(settings: dict[str, str]) -> AsyncIterator[None]:
    """An ordinary worker until the end of the block."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "workers", env={**os.environ, **settings})
    try:
        yield
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 20) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _launch(api: httpx.AsyncClient, bot: User, base: str, rooms: list[str]) -> str:
    """An account that claims a higher quota than the homeserver grants, so that it meets the real limit."""
    quota = {"scope": "account", "count": 500, "per_seconds": 50, "higher_quota": True}
    account = {
        "name": "bot",
        "platform": "matrix",
        "base_url": base,
        "secret": {"access_token": bot.token},
        "limits": [quota],
    }
    assert (await api.post("/api/v1/accounts", json=account)).status_code == 201
    sheet = "\n".join(["group,platform,address", *(f"G{number},matrix,{room}" for number, room in enumerate(rooms))])
    files = {"file": ("groups.csv", sheet.encode(), "text/csv")}
    report = (await api.post("/api/v1/imports", files=files, params={"dry_run": "false"})).json()
    assert report["create"] == ROOMS, report
    campaign = {"title": "Storm", "body": TEXT, "relay_minutes": 30, "pacing": {"min_gap_s": 0, "max_gap_s": 0}}
    made = (await api.post("/api/v1/campaigns", json=campaign, headers={"Idempotency-Key": "synapse"})).json()
    answer = await api.post(f"/api/v1/campaigns/{made['id']}/launch")
    assert answer.status_code == 202, answer.text
    return str(made["id"])


async def _finished(api: httpx.AsyncClient, campaign: str) -> dict[str, Any]:
    for _ in range(300):
        seen: dict[str, Any] = (await api.get(f"/api/v1/campaigns/{campaign}")).json()
        if seen["status"] == "finished":
            return seen
        await asyncio.sleep(0.3)
    raise AssertionError(f"not finished after 90 s: {seen}")


async def _deliveries(api: httpx.AsyncClient, campaign: str) -> list[dict[str, Any]]:
    found = await api.get(f"/api/v1/campaigns/{campaign}/deliveries", params={"limit": 200})
    items: list[dict[str, Any]] = found.json()["items"]
    return items


async def _as(base: str, speak: Callable[[HttpClient], Any]) -> Any:
    http = HttpClient(Guard(frozenset({base.removeprefix("http://")})))
    try:
        return await speak(http)
    finally:
        await http.close()


@pytest.mark.timeout(180)
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_fifty_rooms_get_it_once_though_the_worker_is_killed(
    synapse: Homeserver, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    owner, bot = await synapse.user("owner", admin=True), await synapse.user("bot")
    await synapse.lift(owner, bot)
    rooms = list(await asyncio.gather(*(synapse.room(bot) for _ in range(ROOMS))))
    await synapse.lift(owner, bot, again=True)
    host = synapse.base.removeprefix("http://")
    queue = ArqQueue(redis_url)
    async with center_on(database_url, tmp_path, clock=DatabaseClock(), queue=queue, hosts=(host,)) as (_, api, _sim):
        settings = environment(database_url, tmp_path, redis_url=redis_url, allowed_hosts=host)
        async with falling(settings, "after_answer", ANSWERED) as worker:
            campaign = await _launch(api, bot, synapse.base, rooms)
            assert await ended(worker) == -signal.SIGKILL
        async with _working(settings):
            seen = await _finished(api, campaign)
        deliveries = await _deliveries(api, campaign)
    await queue.close()
    assert seen["counts"]["relayed"] == ROOMS, seen["counts"]
    stands = {room: await synapse.messages(bot, room) for room in rooms}
    assert Counter(len(events) for events in stands.values()) == {1: ROOMS}
    assert {event["content"]["body"] for events in stands.values() for event in events} == {TEXT}
    assert {event["content"]["m.mentions"] == {} for events in stands.values() for event in events} == {True}
    assert {one["message_id"] for one in deliveries} == {events[0]["event_id"] for events in stands.values()}
    answered = Counter(synapse.answered(bot, "/send/m.room.message/"))
    assert answered[200] > ROOMS, "something was said again, under its key"
    assert answered[429] > 0, "the homeserver's own limit was met"
    assert set(answered) == {200, 429}
    await _taken_back(synapse, bot, rooms[0])


async def _taken_back(synapse: Homeserver, bot: User, room: str) -> None:
    [event] = await synapse.messages(bot, room)
    posted = Posted(event["event_id"], wall_clock(), room, {"access_token": bot.token}, synapse.base)
    for _ in range(2):
        outcome = await _as(synapse.base, lambda http: Matrix().recall(posted, http))
        assert outcome.verdict is Verdict.SENT, outcome
    [event] = await synapse.messages(bot, room)
    assert event["content"] == {}
    assert event["unsigned"]["redacted_because"]["sender"] == bot.id


async def test_a_homeserver_that_was_killed_still_knows_what_was_posted(synapse: Homeserver) -> None:
    """Its half hour in memory is gone; what it keeps for a device in its database is not."""
    bot = await synapse.user("admin", admin=True)
    room = await synapse.room(bot, room_alias_name="storm")
    post = Post("dlv_1", "hi", wall_clock(), "#storm:localhost", {"access_token": bot.token}, synapse.base)
    first = await _as(synapse.base, lambda http: posted_by(Matrix(), post, http))
    synapse.stop(signal.SIGKILL)
    await synapse.start()
    again = await _as(synapse.base, lambda http: posted_by(Matrix(), post, http))
    assert first.verdict is again.verdict is Verdict.SENT
    assert first.message_id == again.message_id
    assert len(await synapse.messages(bot, room)) == 1


async def test_a_real_homeservers_refusals_are_understood(synapse: Homeserver) -> None:
    owner, bot = await synapse.user("strict", admin=True), await synapse.user("meek")
    silent = await synapse.room(owner, bot, power_level_content_override={"events_default": 50})
    strange, open_room = await synapse.room(owner), await synapse.room(owner, bot)

    async def post(address: str, text: str = "hi", token: str = bot.token) -> Outcome:
        said = Post(f"key {text[:9]}", text, wall_clock(), address, {"access_token": token}, synapse.base)
        outcome: Outcome = await _as(synapse.base, lambda http: Matrix().post(said, http))
        return outcome

    async def works(token: str) -> bool | None:
        credential = Credential(wall_clock(), {"access_token": token}, synapse.base)
        checked = await _as(synapse.base, lambda http: Matrix().check(credential, http))
        return None if checked.works is None else bool(checked.works)

    assert [(await post(room)).code for room in (silent, strange, "!none:localhost")] == ["M_FORBIDDEN"] * 3
    assert (await post("#none:localhost")).verdict is Verdict.TARGET_GONE
    assert (await post(open_room, token="syt_nobody")).code == "M_UNKNOWN_TOKEN"
    for letter in ("字", '"', "\n"):
        longest = letter * (Matrix().size.most // len(letter.encode()))
        assert (await post(open_room, longest)).verdict is Verdict.SENT
    assert (await post(open_room, "x" * 65_000)).code == "M_TOO_LARGE"
    assert [await works(token) for token in (bot.token, "syt_nobody")] == [True, False]
