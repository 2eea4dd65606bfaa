"""Work with a loop of its own goes on whatever happens to a round, and says what did."""

import asyncio
from itertools import count

import pytest
import structlog
from sqlalchemy.exc import InterfaceError, ProgrammingError

from app.flows import rounds

AWAY = InterfaceError("SELECT 1", None, Exception("connection is closed"))
WRONG = ProgrammingError("SELEKT 1", None, Exception("syntax error"))


async def test_a_round_that_fails_is_told_and_the_next_one_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "ROUND_S", 0.01)
    stopping, turns = asyncio.Event(), count(1)

    async def work() -> int:
        turn = next(turns)
        if turn == 6:
            stopping.set()
        if turn in {2, 4}:
            raise {2: AWAY, 4: WRONG}[turn]
        return turn % 2

    with structlog.testing.capture_logs() as said:
        await asyncio.wait_for(rounds.in_rounds(work, stopping, name="letters"), 10)
    assert [(line["event"], line["log_level"], line["work"]) for line in said] == [
        ("round_interrupted", "warning", "letters"),
        ("round_failed", "error", "letters"),
    ]
