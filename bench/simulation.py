"""Scale by simulation: a campaign to a million groups, planned, paced and said by the real pacers in virtual time."""

from random import Random

from app.core import garbage
from app.domain.shards.rules import SHARDS, shard_of
from bench.fleet import Worker, accounts
from bench.measure import Figure, memory_mb
from tests.rules.judge import breaches

SIZES = (10_000, 100_000, 1_000_000)
FOR_ONE = 62_500
"""Groups for one worker: 16 of them, one for each shard, take a million."""


def figures(most: int = SIZES[-1]) -> list[Figure]:
    """The size of each fleet is that of its campaign."""
    found: list[Figure] = []
    for groups in [size for size in SIZES if size <= most]:
        found += _fleet(groups, found[0].value if found else None)
    found.append(Figure("simulation: memory of its process", memory_mb(), "MB", None, "≤ 800 MB", memory_mb() <= 800))
    return found


def _fleet(groups: int, first_cost: float | None) -> list[Figure]:
    dice = Random(groups)
    count = min(SHARDS, -(-groups // FOR_ONE))
    everyone = list(accounts(groups, dice))
    said = turns = broken = 0
    cpu_s = makespan = ideal = 0.0
    for number in range(count):
        garbage.spare_what_stands()  # the other workers' accounts would not be in this one's process
        worker = Worker([one for one in everyone if shard_of(one.name) % count == number], dice)
        worker.run()
        said, turns, cpu_s = said + worker.said, turns + worker.turns, cpu_s + worker.cpu_s
        makespan, ideal = max(makespan, worker.makespan), max(ideal, worker.ideal())
        broken += sum(len(breaches(one.limits, one.posts)) for one in worker.accounts.values())
        for one in worker.accounts.values():
            one.posts.clear()
    cost = cpu_s / said * 1e6
    name = f"{groups:,} groups, {len(everyone):,} accounts, {count} workers"
    goal = "≤ 1.2 of 10,000" if first_cost else "the first size"
    met = not first_cost or cost <= 1.2 * first_cost
    return [
        Figure(f"{name}: pacing, each", cost, "µs", first_cost, goal, met),
        Figure(f"{name}: makespan", makespan, "s", ideal, "≤ 1.03 of ideal", makespan <= 1.03 * ideal),
        Figure(f"{name}: limits broken", broken, "", None, "0", broken == 0),
    ]
