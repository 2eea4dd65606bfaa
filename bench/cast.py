"""What every scene needs: a Kit on a database, a center, groups, a launched campaign, and somebody to drain it."""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from httpx_aiohttp import AiohttpTransport
from pydantic import SecretStr

from app.bootstrap import build_kit
from app.core import garbage, ids
from app.core.settings import Settings
from app.domain.access import service as access
from app.domain.access.rules import Caller
from app.domain.access.states import Role
from app.domain.accounts import store as accounts
from app.domain.campaigns import service as campaigns
from app.domain.campaigns.rules import Audience, Draft
from app.domain.campaigns.states import Priority, RouteChoice
from app.domain.directory.states import GroupStatus
from app.domain.directory.tables import Assignment, Branch, Group, Leader
from app.domain.shards import store as shards
from app.flows.drain import Drain
from app.flows.kit import Kit
from app.flows.launch import launch
from app.flows.plan import plan
from app.reports.progress import progress
from bench.measure import Watch, timed

CONCURRENCY = 256


@asynccontextmanager
async def kit_on(url: str, host: str, *, folder: Path | None = None) -> AsyncIterator[Kit]:
    """A Kit on this database that may speak to this host."""
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as own:
        settings = Settings(
            database_url=SecretStr(url),
            data_dir=folder or Path(own),
            allowed_hosts=(host,),
            worker_concurrency=CONCURRENCY,
            _env_file=None,
        )
        async with build_kit(settings) as kit:
            yield kit


def kind(url: str) -> str:
    """The database's name in the table."""
    return "PostgreSQL" if url.startswith("postgres") else "SQLite"


@asynccontextmanager
async def receiver(answer_s: float = 0.0) -> AsyncIterator[str]:
    """The receiving server in a process of its own, which takes so long to answer; yields its address."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.receiver", str(answer_s), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    port = int(await process.stdout.readline())
    try:
        yield f"127.0.0.1:{port}"
    finally:
        process.kill()
        await process.wait()


async def floor(host: str, count: int) -> Watch:
    """So many posts of a bare httpx loop over the same transport to the same server, with as many in flight."""
    body = {"type": "muster.announcement", "timestamp": "2026-11-22T00:00:00Z", "data": {"text": "hello"}}
    transport = AiohttpTransport(limits=httpx.Limits(max_connections=2 * CONCURRENCY))
    async with httpx.AsyncClient(transport=transport, timeout=60, trust_env=False) as client:
        numbers = iter(range(count))

        async def loop() -> None:
            for number in numbers:
                (await client.post(f"http://{host}/hook/{number}", json=body)).read()

        with timed() as watch:
            await asyncio.gather(*(loop() for _ in range(CONCURRENCY)))
    return watch


async def people(kit: Kit) -> Caller:
    async with kit.db.write() as tx:
        await shards.lay_out(tx)
        center = await access.create_center(tx, "bench", actor="bench")
    return Caller(center.id, "key_bench", "bench", Role.OWNER)


async def groups(kit: Kit, caller: Caller, count: int, *, host: str | None, account_id: str | None = None) -> None:
    """Webhook groups that a bot posts into, or with `host` None groups of personal WeChat."""
    branch_id = None if host else await _branch(kit, caller)
    places = ids.many("grp", count)
    async with kit.db.write() as tx:
        account_id = account_id or (await accounts.ensure(tx, caller.center_id, "webhook")).id
        rows = []
        for number, group_id in enumerate(places):
            url = f"http://{host}/hook/{number}"
            rows.append(
                {
                    "id": group_id,
                    "center_id": caller.center_id,
                    "name": f"group {number} {group_id[-8:]}",
                    "platform": "webhook" if host else "manual",
                    "address": "masked",
                    "address_key": group_id,
                    "account_id": account_id if host else None,
                    "branch_id": branch_id,
                    "tags": [],
                    "routes": ["bot"] if host else ["leader"],
                    "status": GroupStatus.ACTIVE,
                    "status_reason": "",
                    "secret_box": kit.vault.seal(group_id, {"address": url}) if host else None,
                    "created_at": tx.now,
                    "updated_at": tx.now,
                }
            )
        await tx.insert(Group, rows)


async def _branch(kit: Kit, caller: Caller) -> str:
    """A branch with a leader who answers for everything in it."""
    async with kit.db.write() as tx:
        branch = Branch(
            id=ids.new("brn"), center_id=caller.center_id, name="all", path="all", path_key="all", created_at=tx.now
        )
        leader = Leader(
            id=ids.new("ldr"),
            center_id=caller.center_id,
            name="Wang",
            name_key="wang",
            contact_kind="none",
            created_at=tx.now,
            updated_at=tx.now,
        )
        await tx.add(branch, leader)
        await tx.add(
            Assignment(id=ids.new("asg"), center_id=caller.center_id, leader_id=leader.id, branch_id=branch.id)
        )
        return branch.id


async def launched(kit: Kit, caller: Caller, key: str) -> Any:
    """A campaign to all groups, planned."""
    campaign = await drafted(kit, caller, key)
    await launch(kit, caller, campaign.id)
    await plan(kit, campaign.id)
    return campaign


async def drafted(kit: Kit, caller: Caller, key: str) -> Any:
    draft = Draft(
        title="bench",
        texts={"": "hello"},
        variables={},
        script_slug=None,
        script_version=None,
        audience=Audience(),
        route=RouteChoice.AUTO,
        priority=Priority.NORMAL,
        send_at=None,
        window_minutes=0,
        relay_minutes=600,
        min_gap_s=0,
        max_gap_s=0,
        escalation=[],
        drill=False,
    )
    async with kit.db.write() as tx:
        made = await campaigns.create(tx, caller.center_id, draft, key=key, fingerprint=key, actor="bench")
    return made.campaign


async def drained(kit: Kit, campaign: Any) -> None:
    stopping = asyncio.Event()
    drain = Drain(kit, "wrk_bench")
    garbage.spare_what_stands()  # as a worker does when it starts
    running = asyncio.create_task(drain.run(stopping))
    while True:
        await asyncio.sleep(0.05)
        if drain.busy:
            continue
        async with kit.db.read() as tx:
            found = await campaigns.found(tx, campaign.center_id, campaign.id)
            seen = await progress(tx, found)
        if seen.status == "finished":
            break
    stopping.set()
    await running
    assert seen.counts["relayed"] == seen.groups, seen.counts
