"""Posts: accept and plan, drain beside a bare loop, memory."""

from bench.cast import drained, floor, groups, kind, kit_on, launched, people, receiver
from bench.measure import Figure, memory_mb, timed


async def scene(url: str, count: int) -> list[Figure]:
    """The main job on one database, in this order, so that memory is not blamed on a neighbour."""
    async with receiver() as host, kit_on(url, host) as kit:
        caller = await people(kit)
        await groups(kit, caller, count, host=host)
        with timed() as planning:
            campaign = await launched(kit, caller, "posts")
        bare = await floor(host, count)
        with timed() as draining:
            await drained(kit, campaign)
        bare = (bare + await floor(host, count)) / 2
    rate, took, name = count / draining.seconds, planning.seconds, kind(url)
    goal = f"≤ 5 s for {count:,}"
    return [
        Figure(f"{name}: accept and plan {count:,} groups", took, "s", None, goal, took <= 5),
        Figure(
            f"{name}: drain {count:,} posts, no limits",
            rate,
            "posts/s",
            bare,
            "≥ 0.5 of the bare loop",
            rate >= bare / 2,
        ),
        Figure(f"{name}: memory of the worker's process", memory_mb(), "MB", None, "≤ 200 MB", memory_mb() <= 200),
    ]
