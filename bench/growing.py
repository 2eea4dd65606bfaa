"""Growth: what one delivery costs as campaigns grow, and what more worker processes bring."""

import asyncio
import os

from app.core import ids
from app.domain.access.rules import Caller
from app.domain.accounts import store as accounts
from app.domain.campaigns import service as campaigns
from app.flows import control
from app.flows.kit import Kit
from app.reports.progress import progress
from bench.cast import drained, groups, kind, kit_on, launched, people, receiver
from bench.measure import Figure, timed
from bench.stopping import workers

SIZES = (1_000, 10_000, 100_000)
SPREAD = 16
POSTS = 9_600
"""Enough that the half second until a worker looks does not count for much."""


async def scene(url: str, most: int) -> list[Figure]:
    async with receiver() as host, kit_on(url, host) as kit:
        return [*await _sizes(kit, kind(url), host, most), *await _processes(kit, url, host)]


async def _sizes(kit: Kit, name: str, host: str, most: int) -> list[Figure]:
    figures: list[Figure] = []
    for size in [size for size in SIZES if size <= most]:
        caller = await people(kit)
        await groups(kit, caller, size, host=host)
        with timed() as watch:
            await drained(kit, await launched(kit, caller, f"grown {size}"))
        cost = watch.seconds / size * 1e6
        floor = figures[-1].value if figures else None
        goal = "≤ 1.2 of the size before" if floor else "the first size"
        met = not floor or cost <= 1.2 * floor
        figures.append(Figure(f"{name}: plan and drain {size:,}, each", cost, "µs", floor, goal, met))
    return figures


async def _processes(kit: Kit, url: str, host: str) -> list[Figure]:
    figures: list[Figure] = []
    busy: list[Figure] = []
    for count in (1, 2, 4):
        caller = await people(kit)
        await _spread(kit, caller, host)
        async with workers(url, kit.settings.data_dir, host, count):
            await asyncio.sleep(4.0)  # until each has its share of the shards
            await control.stop(kit, caller)  # nobody begins while it is planned
            campaign = await launched(kit, caller, f"by {count}")
            with timed() as watch:
                await control.start(kit, caller)
                await _over(kit, campaign.center_id, campaign.id)
        rate, floor = POSTS / watch.seconds, figures[0].value if figures else None
        goal = "≥ 1.7 of one, on two free cores" if count == 2 else "no less than one"
        met = not floor or rate >= (1.7 if count == 2 else 1.0) * floor
        name = f"{kind(url)}: drain by {count} processes"
        figures.append(Figure(name, rate, "posts/s", floor, goal, met))
        cores = float(os.cpu_count() or 1)
        busy.append(
            Figure(
                f"{name}, cores at work", watch.cores, "cores", cores, "what is free is all that more bring", met=True
            )
        )
    return figures + busy


async def _over(kit: Kit, center_id: str, campaign_id: str) -> None:
    """Wait until the campaign is finished."""
    while True:
        async with kit.db.read() as tx:
            seen = await progress(tx, await campaigns.found(tx, center_id, campaign_id))
        if seen.status == "finished":
            return
        await asyncio.sleep(0.05)


async def _spread(kit: Kit, caller: Caller, host: str) -> None:
    """Groups of many accounts, so that every process has some."""
    for number in range(SPREAD):
        account_id = ids.new("acc")
        values = {"id": account_id, "center_id": caller.center_id, "name": f"hook {number}"}
        values |= {"platform": "webhook", "channel": "webhook"}
        async with kit.db.write() as tx:
            await accounts.create(tx, values)
        await groups(kit, caller, POSTS // SPREAD, host=host, account_id=account_id)
