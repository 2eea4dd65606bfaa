"""A million looks at relay links, and ten million tokens that are not quite right: how many confirmed or opened
anything, and how long it took. The figures are for both databases together: each takes half."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from itertools import cycle, islice

from app.core.db import Database
from bench.cast import kind, kit_on
from bench.measure import Figure, timed
from tests.builders.crowd import Press, crowd
from tests.builders.mutants import dead_tokens, everything, look, mutants, opened
from tests.serving import serving

CALLERS = 16
TOGETHER = 1_000
OVER_HTTP = 1_000
LEADERS = 500


async def _looks(url: str, presses: Sequence[Press], count: int) -> Counter[int]:
    """How often which status was answered."""
    said: Counter[int] = Counter()
    async with serving("app.main", url) as (client, _):
        numbers = iter(range(count))

        async def loop() -> None:
            for number in numbers:
                said[await look(client, presses[number % len(presses)], number)] += 1

        await asyncio.gather(*(loop() for _ in range(CALLERS)))
    return said


async def _mutants_open(db: Database, presses: Sequence[Press], count: int) -> int:
    """How many of so many wrong tokens open anything."""
    made, found = mutants(presses, count, seed=20261128), 0
    while some := list(islice(made, TOGETHER)):
        found += len(await opened(db, some))
    return found


async def _mutants_said(url: str, presses: Sequence[Press], wrong: Sequence[str]) -> Counter[int]:
    """The answers to a word said with each of these tokens."""
    async with serving("app.main", url) as (client, _):
        tried = [Press(token, press.relay_id) for token, press in zip(wrong, cycle(presses), strict=False)]
        answers = [await client.post(one.path, json={"action": "done"}) for one in tried]
    return Counter(answer.status_code for answer in answers)


async def scene(url: str, count: int) -> list[Figure]:
    looks, guesses = count * 5, count * 50
    async with kit_on(url, "127.0.0.1") as kit:
        presses, strangers = await crowd(kit.db, LEADERS), await crowd(kit.db, 50)
        wrong = [*await dead_tokens(kit.db, presses[:50]), *(one.token for one in strangers)]
        wrong += mutants(presses, OVER_HTTP, seed=7)
        async with serving("app.main", url):  # the first start's own entries are made
            before = await everything(kit.db)
        with timed() as looking:
            seen = await _looks(url, presses, looks)
        with timed() as guessing:
            found = await _mutants_open(kit.db, presses, guesses)
        said = await _mutants_said(url, presses, wrong)
        still = await everything(kit.db) == before
    name, changed = kind(url), "nothing changed" if still else "SOMETHING CHANGED"
    heard = set(said) <= {404, 405, 429}
    return [
        Figure(f"{name}: {looks:,} looks, {dict(seen)}", looks / looking.seconds, "looks/s", None, changed, still),
        Figure(f"{name}: {looks:,} looks took", looking.seconds, "s", None, "confirm nothing", still),
        Figure(f"{name}: {guesses:,} wrong tokens that open", found, "tokens", None, "none", found == 0),
        Figure(f"{name}: {guesses:,} wrong tokens took", guessing.seconds, "s", None, "open nothing", found == 0),
        Figure(
            f"{name}: {len(wrong):,} over HTTP, {dict(said)}", said[200], "confirmed", None, "none", heard and still
        ),
    ]
