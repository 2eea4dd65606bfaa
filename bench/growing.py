"""Growth: what one delivery costs as campaigns grow, and what more worker processes bring."""

from app.flows.kit import Kit
from bench import side_by_side
from bench.cast import drained, groups, kind, kit_on, launched, people, receiver
from bench.measure import Figure, timed

SIZES = (1_000, 10_000, 100_000)


async def scene(url: str, most: int) -> list[Figure]:
    async with receiver() as host, kit_on(url, host) as kit:
        sizes = await _sizes(kit, kind(url), host, most)
    return sizes + await side_by_side.figures(url)


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
