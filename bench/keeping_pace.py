"""Pacing: Telegram's stack of limits in real time, against the practice platform as judge."""

import asyncio
import statistics
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
from sqlmodel import select

from app.core import ids
from app.core.limits import Limit, Scope
from app.domain.access.rules import Caller
from app.domain.accounts.service import NewAccount
from app.domain.accounts.states import Status
from app.domain.accounts.tables import Account
from app.domain.deliveries.tables import Attempt
from app.domain.directory.states import GroupStatus
from app.domain.directory.tables import Group
from app.flows.accounts import create
from app.flows.kit import Kit
from bench.cast import drained, kind, kit_on, launched, people
from bench.measure import Figure
from tests.rules.judge import soonest_makespan

CHATS = 450


@asynccontextmanager
async def practice() -> AsyncIterator[str]:
    """The practice platform in a process of its own; yields its address."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-u", "-m", "app.simulator", "--port", "0"), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    try:
        yield line.split("http://")[1].split(";")[0]
    finally:
        process.kill()
        await process.wait()


async def telegram(kit: Kit, caller: Caller, host: str, count: int) -> Account:
    """So many groups of one bot."""
    secret = {"bot_token": "123456:practice-token-of-the-bench"}
    account = await create(kit, caller, NewAccount("bot", "telegram", f"http://{host}", secret, None))
    async with kit.db.write() as tx:
        rows = [
            {
                "id": ids.new("grp"),
                "center_id": caller.center_id,
                "name": f"chat {number}",
                "platform": "telegram",
                "address": str(-1000 - number),
                "address_key": str(-1000 - number),
                "account_id": account.id,
                "tags": [],
                "routes": ["bot"],
                "status": GroupStatus.ACTIVE,
                "status_reason": "",
                "created_at": tx.now,
                "updated_at": tx.now,
            }
            for number in range(count)
        ]
        await tx.insert(Group, rows)
    assert account.status is Status.ACTIVE
    return account


async def scene(url: str, _count: int) -> list[Figure]:
    async with practice() as host, kit_on(url, host) as kit:
        caller = await people(kit)
        await telegram(kit, caller, host, CHATS)
        limits = kit.channels["telegram"].limits
        campaign = await launched(kit, caller, "paced")
        await drained(kit, campaign)
        async with kit.db.read() as tx:
            attempts = await tx.all(select(Attempt))
        async with httpx.AsyncClient(base_url=f"http://{host}", trust_env=False) as client:
            heard = [one["at"] for one in (await client.get("/_sim/receipts")).json()["items"]]
            broken = (await client.get("/_sim/state")).json()["violations"]
    makespan, ideal = max(heard) - min(heard), soonest_makespan(limits, [one.chat for one in attempts])
    late = sorted(_late(limits, attempts))
    p50, p99 = statistics.median(late), late[int(len(late) * 0.99)]
    name = f"{kind(url)}: {CHATS} chats under Telegram's limits"
    return [
        Figure(f"{name}, makespan", makespan, "s", ideal, "≤ 1.03 of ideal", makespan <= 1.03 * ideal),
        Figure(f"{name}, limits broken", broken, "", None, "0", broken == 0),
        Figure(f"{name}, lateness p50", p50, "ms", None, "≤ 5 ms", p50 <= 5),
        Figure(f"{name}, lateness p99", p99, "ms", None, "≤ 25 ms", p99 <= 25),
    ]


def _late(limits: Sequence[Limit], attempts: Sequence[Any]) -> list[float]:
    """How long after the moment its limits allowed, with the pacer's two percent, each post began: in milliseconds."""
    late = []
    ends: defaultdict[tuple[Limit, str], list[float]] = defaultdict(list)
    for one in sorted(attempts, key=lambda one: one.started_at):
        slot = 0.0
        for limit in limits:
            seen = ends[limit, one.chat if limit.scope is Scope.CHAT else ""]
            if len(seen) >= limit.count:
                slot = max(slot, sorted(seen)[-limit.count] + 1.02 * limit.per_s)
            seen.append(one.ended_at.timestamp())
        if slot:
            late.append(1000 * max(0.0, one.started_at.timestamp() - slot))
    return late
