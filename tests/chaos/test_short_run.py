"""A short fault run on each database. The long one is `make chaos`."""

import pickle
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.chaos.facts import Facts
from tests.chaos.run import run
from tests.chaos.scenes import short
from tests.chaos.verdict import Verdict

pytestmark = [pytest.mark.alone, pytest.mark.timeout(300)]

PROCESSES = {"worker_kill", "worker_term", "worker_stop", "api_kill", "redis_kill", "redis_flush"}
PLATFORM = {"credential", "kicked", "moved"} | {
    f"platform_{kind}"
    for kind in ("drip", "drop_after_accept", "half_answer", "html_200", "http_500", "http_502", "reset", "throttle")
}
HEAD = {"launch", "pause", "cancel", "kill_switch", "twins", "press_twice"}
EVERYWHERE = PROCESSES | PLATFORM | HEAD
EXPECTED: Mapping[str, set[str]] = {
    "sqlite": EVERYWHERE,
    "postgres": EVERYWHERE | {"postgres_crash", "postgres_cut", "postgres_cut_in_commit", "postgres_stall"},
}
MET = {"400", "401", "429", "502", "93000", "html", "reset"}
"""What the platforms must have answered at least once: a fault that nobody ran into is none."""


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_a_short_fault_run_ends_well(database: str, tmp_path: Path) -> None:
    verdict: Verdict = await run(short(database), database=database, folder=tmp_path)
    assert verdict.findings == []
    assert set(verdict.faults) == EXPECTED[database]
    facts: Facts = pickle.loads((tmp_path / "facts.pickle").read_bytes())
    assert {receipt.answer.partition(" ")[0] for receipt in facts.receipts} >= MET
    assert verdict.posts >= 20
    assert verdict.ended["failed"] == 1, "who was thrown out cannot be reached"
    assert verdict.uncertain >= 4, "answers were lost where no key is known"
