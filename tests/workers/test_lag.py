"""A worker whose event loop was blocked tells it."""

import asyncio
import time

import pytest
import structlog

from workers.lifecycle import BEAT_S, LAG_S, tell_lag

pytestmark = pytest.mark.alone


async def test_a_process_that_stood_still_says_for_how_long_and_a_quick_one_says_nothing() -> None:
    with structlog.testing.capture_logs() as said:
        watching = asyncio.create_task(tell_lag())
        await asyncio.sleep(BEAT_S * 1.2)
        assert said == []
        time.sleep(BEAT_S + LAG_S + 0.2)  # noqa: ASYNC251 - this is what a blocked loop is
        await asyncio.sleep(0.1)
        watching.cancel()
    assert [(line["event"], line["log_level"]) for line in said] == [("stood_still", "warning")]
    assert LAG_S < said[0]["seconds"] < LAG_S + 1.5
