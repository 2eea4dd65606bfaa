"""What nobody waits for any more: a line that broke is an outage; all else is an error as ever."""

import asyncio
import logging

import pytest
from structlog.testing import capture_logs

from app.core.unheard import tell_outages


async def _fail(error: Exception) -> None:
    raise error


async def _left_behind(error: Exception, *, task: bool) -> None:
    """Something that ends in this error, and of which nobody asks."""
    if task:
        asyncio.create_task(_fail(error))  # noqa: RUF006 - nobody keeps it
        await asyncio.sleep(0.01)
    else:
        asyncio.get_running_loop().create_future().set_exception(error)


@pytest.mark.parametrize(
    ("error", "task", "warned"),
    [
        (ConnectionError("unexpected connection_lost() call"), False, True),  # as asyncpg 0.32 leaves it behind
        (ConnectionError("unexpected connection_lost() call"), True, False),
        (ValueError("a fault of ours"), False, False),
    ],
)
def test_an_outage_that_nobody_was_left_to_hear_of_is_a_warning(
    error: Exception, task: bool, warned: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async def life() -> None:
        tell_outages()
        await _left_behind(error, task=task)

    with capture_logs() as said, caplog.at_level(logging.ERROR, "asyncio"):
        asyncio.run(life())
    warning = {"event": "line_lost_unheard", "log_level": "warning", "because": type(error).__name__}
    assert said == [warning] * warned
    assert len(caplog.records) == (not warned)
