"""A whole Muster in one process on a clock of its own: API, planner, drain, keeper, and the practice platform on
loopback. Stories drive it through the API and let time pass; nothing inside is replaced but the clock."""

import csv
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from app.channels.registry import channels
from app.core.addresses import Guard
from app.core.clock import Clock, ManualClock
from app.core.db import Database
from app.core.http import HttpClient
from app.core.jobs import PLAN, Queue, RecordingQueue
from app.core.secrets import Vault, keys_in
from app.core.settings import Settings
from app.domain.access import service as access
from app.domain.access.states import Role
from app.domain.shards import store as shards
from app.flows.drain import Drain
from app.flows.kit import Kit
from app.flows.look import look
from app.flows.plan import plan
from app.flows.read_back import Seeker
from app.flows.sweep import sweep
from tests.application import application
from tests.copies import copies_are_true
from tests.practice import simulator

COLUMNS = ["group", "platform", "address", "account", "branch", "leader", "leader_contact", "deputies", "timezone"]
COLUMNS += ["routes", "secret"]
LONG_S = 20 * 60


class World:
    """`api` speaks for the center's owner; `sim` is the practice platform's control API."""

    def __init__(
        self, kit: Kit, clock: ManualClock, queue: RecordingQueue, api: httpx.AsyncClient, sim: httpx.AsyncClient
    ):
        self.kit = kit
        self.clock = clock
        self.queue = queue
        self.api = api
        self.sim = sim
        self.drain = Drain(kit, "wrk_story")
        self.seeker = Seeker(kit)
        self._campaigns = 0

    @property
    def platform(self) -> str:
        """The practice platform's base address."""
        return str(self.sim.base_url).rstrip("/")

    async def call(self, method: str, path: str, *, status: int = 200, **kwargs: Any) -> Any:
        """Speak to the API; anything but the expected status fails the story with what the API said."""
        answer = await self.api.request(method, f"/api/v1{path}", **kwargs)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def account(self, name: str, platform: str = "telegram", **body: Any) -> str:
        if platform == "telegram":
            body.setdefault("secret", {"bot_token": "123456:practice-token-of-the-story"})
            body.setdefault("base_url", self.platform)
        created = await self.call("POST", "/accounts", status=201, json={"name": name, "platform": platform, **body})
        return str(created["id"])

    async def groups(self, *rows: dict[str, str]) -> None:
        """Import these rows of the directory sheet; whatever is wrong with one fails the story."""
        sheet = io.StringIO()
        writer = csv.DictWriter(sheet, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(rows)
        files = {"file": ("groups.csv", sheet.getvalue().encode(), "text/csv")}
        report = await self.call("POST", "/imports", files=files, params={"dry_run": "false"})
        assert report["errors"] == [], report["errors"]

    def wecom(self, key: str) -> str:
        return f"{self.platform}/cgi-bin/webhook/send?key={key}"

    def webhook(self, name: str) -> str:
        return f"{self.platform}/webhook/{name}"

    async def draft(self, **body: Any) -> str:
        self._campaigns += 1
        wanted = {
            "title": "Storm warning",
            "body": "Please stay indoors until 18:00.",
            "relay_minutes": 60,
            "pacing": {"min_gap_s": 0, "max_gap_s": 0},
            **body,
        }
        headers = {"Idempotency-Key": f"story-{self._campaigns}"}
        created = await self.call("POST", "/campaigns", status=201, json=wanted, headers=headers)
        return str(created["id"])

    async def launch(self, **body: Any) -> str:
        """Draft and launch a campaign, and do what can be done at this very moment."""
        campaign = await self.draft(**body)
        await self.call("POST", f"/campaigns/{campaign}/launch", status=202)
        await self.work()
        return campaign

    async def work(self) -> None:
        """Do everything that is due now."""
        jobs, self.queue.jobs = self.queue.jobs, []
        for job, ids in jobs:
            if job == PLAN:
                await plan(self.kit, *ids)
        await sweep(self.kit)
        while await look(self.kit):
            pass
        await self.seeker.round()
        self.drain.wake()
        self.drain._commit_at = 0.0  # a step is sooner over than transactions keep apart
        while True:
            rest = await self.drain.turn()
            if not self.drain.busy and rest > 0:
                return
            await self.drain.rest(min(rest, 0.02))

    async def forward(self, *, minutes: float = 0, seconds: float = 0, step: float | None = None) -> None:
        """Let time pass, here and on the platform, working as it goes: every half minute, over a long time every two
        minutes, or in steps of so many seconds."""
        left = minutes * 60 + seconds
        step = step or (30 if left < LONG_S else 120)
        while left > 0:
            leap = min(step, left)
            left -= leap
            self.clock.advance(timedelta(seconds=leap))
            await self.sim.post("/_sim/clock", json={"advance_s": leap})
            await self.work()

    async def campaign(self, campaign: str) -> Any:
        return await self.call("GET", f"/campaigns/{campaign}")

    async def relays(self, campaign: str) -> dict[str, Any]:
        """The relays of a campaign by the names of their groups."""
        found = await self.call("GET", f"/campaigns/{campaign}/relays", params={"limit": 200})
        return {relay["group_name"]: relay for relay in found["items"]}

    async def missed(self, campaign: str) -> dict[str, Any]:
        found = await self.call("GET", f"/campaigns/{campaign}/missed")
        return {row["group"]: row for row in found["items"]}

    async def received(self, *, standing: bool = True) -> list[dict[str, Any]]:
        """What the platform holds: every message that stands in a chat, or with `standing=False` every call."""
        found = (await self.sim.get("/_sim/receipts")).json()["items"]
        return [one for one in found if not standing or (one["accepted"] and not one["duplicate"])]

    async def changes(self) -> list[tuple[str, str, str]]:
        """(what, target, text) of everything that became of messages after they stood, oldest first."""
        found = (await self.sim.get("/_sim/changes")).json()["items"]
        return [(one["what"], one["target"], one["text"]) for one in found]

    async def posts(self, text: str) -> list[str]:
        """The targets in which this text stands, one for each time it stands there."""
        return sorted(one["target"] for one in await self.received() if one["text"] == text)

    async def violations(self) -> int:
        return int((await self.sim.get("/_sim/state")).json()["violations"])

    async def letters(self, target: str) -> list[str]:
        """The messages in one chat, oldest first."""
        return [one["text"] for one in await self.received() if one["target"] == target]

    async def link(self, target: str) -> str:
        """The path of the newest relay link in a chat."""
        return "/r/" + (await self.letters(target))[-1].split("/r/")[1].split()[0]

    async def presses(self, link: str, action: str, relay: str, **words: str) -> httpx.Response:
        body = {"action": action, **words}
        return await self.api.post(f"/hooks/ack/{link.removeprefix('/r/')}/relays/{relay}", json=body)


@asynccontextmanager
async def world_on(
    database_url: str, folder: Path, start: datetime, *, hosts: tuple[str, ...] = ()
) -> AsyncIterator[World]:
    """A world with one center and an owner's key, its clock at `start`, its one worker driven by the story; `hosts` may
    be spoken to besides the practice platform."""
    clock, queue = ManualClock(start), RecordingQueue()
    async with center_on(database_url, folder, clock=clock, queue=queue, hosts=hosts) as (kit, api, sim):
        async with kit.db.write() as tx:
            await shards.lay_out(tx)
        yield World(kit, clock, queue, api, sim)
        await copies_are_true(kit.db)


@asynccontextmanager
async def center_on(
    database_url: str, folder: Path, *, clock: Clock, queue: Queue, hosts: tuple[str, ...] = ()
) -> AsyncIterator[tuple[Kit, httpx.AsyncClient, httpx.AsyncClient]]:
    """A Kit, an API client with an owner's key, and a practice platform, for whatever clock and queue are given;
    `hosts` may be spoken to besides the practice platform."""
    db = Database(database_url, clock=clock, queue=queue)
    async with simulator() as sim:
        host = f"127.0.0.1:{sim.base_url.port}"
        settings = Settings(
            database_url=SecretStr(database_url),
            data_dir=folder,
            allowed_hosts=(host, *hosts),
            worker_concurrency=32,
            _env_file=None,  # type: ignore[call-arg]
        )
        guard = Guard(frozenset({host, *hosts}))
        http = HttpClient(guard)
        vault = Vault(keys_in(folder))
        kit = Kit(settings=settings, db=db, clock=clock, queue=queue, vault=vault, http=http, channels=channels(guard))
        async with db.write() as tx:
            center = await access.create_center(tx, "headquarters", actor="story")
            key = await access.create_key(tx, center.id, name="head", role=Role.OWNER, actor="story")
        headers = {"Authorization": f"Bearer {key.token}"}
        try:
            with application(kit) as app:
                transport = httpx.ASGITransport(app)
                async with httpx.AsyncClient(
                    transport=transport, base_url="http://muster.test", headers=headers
                ) as api:
                    yield kit, api, sim
        finally:
            await http.close()
            await db.close()
