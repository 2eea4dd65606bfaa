"""Who comes together is answered together, and nobody fails for what another has asked."""

import asyncio
from collections.abc import Sequence

import pytest

from app.core.gather import Gather


class Desk:
    """Answers numbers with their doubles, party by party, when it is let; refuses any party with a zero in it."""

    def __init__(self) -> None:
        self.parties: list[list[int]] = []
        self.open = asyncio.Event()

    async def answer(self, numbers: Sequence[int]) -> list[int]:
        self.parties.append(list(numbers))
        await self.open.wait()
        if 0 in numbers:
            raise ZeroDivisionError
        return [2 * number for number in numbers]


async def _asked(gather: Gather, desk: Desk, numbers: Sequence[int], *, lane: str = "") -> list[asyncio.Task[int]]:
    tasks = [asyncio.create_task(gather.ask(lane, number, desk.answer)) for number in numbers]
    await asyncio.sleep(0.01)
    return tasks


async def test_an_idle_lane_answers_at_once_and_the_rest_go_together() -> None:
    gather, desk = Gather(most=4), Desk()
    first = await _asked(gather, desk, [1])
    rest = await _asked(gather, desk, [2, 3, 4, 5, 6])
    assert desk.parties == [[1]], "one party at a time"
    desk.open.set()
    assert await asyncio.gather(*first, *rest) == [2, 4, 6, 8, 10, 12]
    assert desk.parties == [[1], [2, 3, 4, 5], [6]]
    assert await gather.ask("", 7, desk.answer) == 14, "a lane that ran empty begins anew"


async def test_another_lane_does_not_wait() -> None:
    gather, desk, other = Gather(), Desk(), Desk()
    slow = await _asked(gather, desk, [1])
    other.open.set()
    assert await gather.ask("other", 2, other.answer) == 4
    desk.open.set()
    assert await asyncio.gather(*slow) == [2]


async def test_one_bad_question_fails_alone() -> None:
    gather, desk = Gather(), Desk()
    first = await _asked(gather, desk, [1])
    rest = await _asked(gather, desk, [2, 0, 3])
    desk.open.set()
    assert await asyncio.gather(*first, rest[0], rest[2]) == [2, 4, 6]
    with pytest.raises(ZeroDivisionError):
        await rest[1]


async def test_who_went_away_disturbs_nobody() -> None:
    gather, desk = Gather(), Desk()
    first = await _asked(gather, desk, [1])
    rest = await _asked(gather, desk, [2, 3])
    rest[0].cancel()
    desk.open.set()
    assert await asyncio.gather(*first, rest[1]) == [2, 6]
    assert rest[0].cancelled()


async def test_a_lane_that_was_just_served_waits_for_company() -> None:
    gather, desk = Gather(apart_s=0.5), Desk()
    desk.open.set()
    assert await gather.ask("", 1, desk.answer) == 2
    rest = [*await _asked(gather, desk, [2]), *await _asked(gather, desk, [3])]
    assert await asyncio.gather(*rest) == [4, 6]
    assert desk.parties == [[1], [2, 3]], "they came one after the other, and went together"
