"""A short fault run on each database. The long one is `make chaos`."""

from pathlib import Path

import pytest

from tests.chaos.run import run
from tests.chaos.scenes import short
from tests.chaos.verdict import Verdict

pytestmark = pytest.mark.alone

EXPECTED = {"worker_kill", "worker_term", "api_kill", "redis_kill", "redis_flush", "pause", "cancel", "twins"}


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_a_short_fault_run_ends_well(database: str, tmp_path: Path) -> None:
    verdict: Verdict = await run(short(database), database=database, folder=tmp_path)
    assert verdict.findings == []
    assert set(verdict.faults) >= EXPECTED
    assert verdict.posts >= 20
    assert verdict.uncertain >= 2, "answers were lost where no key is known"
