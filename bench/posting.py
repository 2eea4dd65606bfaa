"""Posts: accept and plan, drain beside a bare loop, and what each costs of processor and statements."""

from collections.abc import Iterator
from contextlib import contextmanager
from os import cpu_count
from typing import Any

from sqlalchemy import Engine, event

from app.core import garbage
from bench.cast import drained, floor, groups, kind, kit_on, launched, people, receiver
from bench.copying import copied_s, tied_s
from bench.measure import TOLD, Figure, timed

PART_OF_BARE = {"PostgreSQL": 0.7, "SQLite": 0.6}
OWN_US = 150
MEMORY_MB = 150
STATEMENTS = 0.1
ENOUGH = "≤ 5 x the bare insert"


async def scene(url: str, count: int) -> list[Figure]:
    """The main job on one database. What a worker holds in memory meanwhile is measured by the scene `stopping`, on a
    worker's own process: this one holds the directory of the bench as well."""
    async with receiver() as host, kit_on(url, host) as kit:
        caller = await people(kit)
        await groups(kit, caller, count, host=host)
        garbage.spare_what_stands()  # as every process does when it starts
        with timed() as planning:
            campaign = await launched(kit, caller, "posts")
        copied, tied = await copied_s(url), await tied_s(url)
        before = await floor(host, count)
        with timed() as draining, _statements() as sent:
            await drained(kit, campaign)
        after = await floor(host, count)
    name, took, rate = kind(url), planning.seconds, count / draining.seconds
    bare, bare_us = 2 * count / (before.seconds + after.seconds), (before.cpu_s + after.cpu_s) / 2 / count * 1e6
    own_us, asked, part = draining.cpu_s / count * 1e6 - bare_us, len(sent) / count, PART_OF_BARE[name]
    busy, bare_busy = draining.cores, (before.cores + after.cores) / 2
    beside, grown = f"≥ {part} of the bare loop", planning.grown_mb
    return [
        Figure(f"{name}: accept and plan {count:,} groups", took, "s", copied, ENOUGH, took <= 5 * copied),
        Figure(f"{name}: planning, memory it adds", grown, "MB", None, f"≤ {MEMORY_MB}", grown <= MEMORY_MB),
        Figure(f"{name}: the same copied with keys into other tables", tied, "s", copied, TOLD, met=True),
        Figure(f"{name}: drain {count:,} posts, no limits", rate, "posts/s", bare, beside, rate >= part * bare),
        Figure(f"{name}: drain, its own work, each", own_us, "µs", bare_us, f"≤ {OWN_US} µs", own_us <= OWN_US),
        Figure(f"{name}: drain, cores of the machine at work", busy, f"of {cpu_count()}", bare_busy, TOLD, met=True),
        Figure(f"{name}: drain, statements, each", asked, "", None, f"≤ {STATEMENTS}", asked <= STATEMENTS),
    ]


@contextmanager
def _statements() -> Iterator[list[str]]:
    """Every statement this process sends meanwhile, but for BEGIN: PostgreSQL's driver would not count its own."""
    seen: list[str] = []

    def note(*told: Any) -> None:
        if not told[2].startswith("BEGIN"):
            seen.append(told[2])

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)
