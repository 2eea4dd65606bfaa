"""The measured scenes on one database: plan, drain beside a bare loop, the missed list, memory."""

import asyncio
import gc
import json
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx
from httpx_aiohttp import AiohttpTransport
from pydantic import SecretStr
from sqlalchemy import update
from sqlmodel import col

from app.bootstrap import build_kit
from app.core import ids
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
from app.domain.relays.states import State
from app.domain.relays.tables import Relay
from app.domain.shards import store as shards
from app.flows.drain import Drain
from app.flows.kit import Kit
from app.flows.launch import launch
from app.flows.plan import plan
from app.reports.missed import missed
from app.reports.progress import progress
from bench.measure import Figure, memory_mb, timed

CONCURRENCY = 128


@asynccontextmanager
async def receiver() -> AsyncIterator[str]:
    """The receiving server in a process of its own; yields its address."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.receiver", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    port = int(await process.stdout.readline())
    try:
        yield f"127.0.0.1:{port}"
    finally:
        process.kill()
        await process.wait()


async def floor(host: str, count: int) -> float:
    """Posts a second of a bare httpx loop over the same transport to the same server, with as many in flight."""
    body = {"type": "muster.announcement", "timestamp": "2026-11-22T00:00:00Z", "data": {"text": "hello"}}
    transport = AiohttpTransport(limits=httpx.Limits(max_connections=2 * CONCURRENCY))
    async with httpx.AsyncClient(transport=transport, timeout=60, trust_env=False) as client:
        numbers = iter(range(count))

        async def loop() -> None:
            for number in numbers:
                (await client.post(f"http://{host}/hook/{number}", json=body)).read()

        with timed() as watch:
            await asyncio.gather(*(loop() for _ in range(CONCURRENCY)))
    return count / watch.seconds


async def people(kit: Kit) -> Caller:
    async with kit.db.write() as tx:
        await shards.lay_out(tx)
        center = await access.create_center(tx, "bench", actor="bench")
    return Caller(center.id, "key_bench", "bench", Role.OWNER)


async def groups(kit: Kit, caller: Caller, count: int, *, host: str | None) -> None:
    """Webhook groups that a bot posts into, or with `host` None groups of personal WeChat."""
    branch_id = None if host else await _branch(kit, caller)
    async with kit.db.write() as tx:
        account = await accounts.ensure(tx, caller.center_id, "webhook")
        rows = []
        for number in range(count):
            group_id = f"grp_{caller.center_id[-8:]}{number:012}"
            url = f"http://{host}/hook/{number}"
            rows.append(
                {
                    "id": group_id,
                    "center_id": caller.center_id,
                    "name": f"group {number}",
                    "platform": "webhook" if host else "manual",
                    "address": "masked",
                    "address_key": f"key{number}",
                    "account_id": account.id if host else None,
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
    await launch(kit, caller, made.campaign.id)
    await plan(kit, made.campaign.id)
    return made.campaign


async def drained(kit: Kit, campaign: Any) -> None:
    stopping = asyncio.Event()
    drain = Drain(kit, "wrk_bench")
    gc.collect()
    gc.freeze()  # as a worker does when it starts
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


async def scene(url: str, count: int) -> list[Figure]:
    """Everything on one database, smallest first, so that memory is not blamed on a neighbour."""
    kind = "PostgreSQL" if url.startswith("postgres") else "SQLite"
    figures = []
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as folder:
        async with receiver() as host:
            settings = Settings(
                database_url=SecretStr(url),
                data_dir=Path(folder),
                allowed_hosts=(host,),
                worker_concurrency=CONCURRENCY,
                _env_file=None,  # type: ignore[call-arg]
            )
            async with build_kit(settings) as kit:
                caller = await people(kit)
                await groups(kit, caller, count, host=host)
                with timed() as watch:
                    campaign = await launched(kit, caller, "posts")
                goal = f"≤ 5 s for {count:,}"
                figures.append(
                    Figure(
                        f"{kind}: accept and plan {count:,} groups", watch.seconds, "s", None, goal, watch.seconds <= 5
                    )
                )
                bare = await floor(host, count)
                with timed() as watch:
                    await drained(kit, campaign)
                bare = (bare + await floor(host, count)) / 2
                rate = count / watch.seconds
                figures.append(
                    Figure(
                        f"{kind}: drain {count:,} posts, no limits",
                        rate,
                        "posts/s",
                        bare,
                        "≥ 0.5 of the bare loop",
                        rate >= bare / 2,
                    )
                )
                figures.append(
                    Figure(
                        f"{kind}: memory of the worker's process",
                        memory_mb(),
                        "MB",
                        None,
                        "≤ 200 MB",
                        memory_mb() <= 200,
                    )
                )
                figures.append(await _missed(kit, kind, 10 * count))
    return figures


async def _missed(kit: Kit, kind: str, count: int) -> Figure:
    """The missed list of a campaign with ten times as many relays, one in a hundred of them missed."""
    caller = await people(kit)
    await groups(kit, caller, count, host=None)
    campaign = await launched(kit, caller, "relays")
    async with kit.db.write() as tx:
        await tx.run(update(Relay).where(col(Relay.campaign_id) == campaign.id).values(state=State.RELAYED))
        missing = update(Relay).where(col(Relay.campaign_id) == campaign.id, col(Relay.group_id).like("%00"))
        await tx.run(missing.values(state=State.MISSED))
    best = 1e9
    for _ in range(5):
        with timed() as watch:
            async with kit.db.read() as tx:
                page = await missed(tx, caller.center_id, campaign.id, limit=200, cursor=None)
        best = min(best, watch.seconds * 1000)
    assert len(page.items) == 200
    return Figure(f"{kind}: missed list over {count:,} relays", best, "ms", None, "≤ 100 ms", best <= 100)


if __name__ == "__main__":
    print(json.dumps([asdict(figure) for figure in asyncio.run(scene(sys.argv[1], int(sys.argv[2])))]))
