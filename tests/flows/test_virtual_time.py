"""Hours in seconds: random trees, policies, cascades, quorums, answers, absences and worker downtimes, judged by what
the journal says.

`ESCALATION_TREES=100000` plants as many as the goal asks for, on SQLite and on PostgreSQL; the suite takes a sample."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.core.clock import ManualClock
from app.core.db import Database
from app.core.jobs import RecordingQueue
from app.domain.campaigns.states import Priority
from tests.builders.relays import kit_on
from tests.flows.forest import plant
from tests.flows.judgement import judge_cascade, judge_letters, judge_quorums, judge_relay, read
from tests.flows.weather import Prompt, pass_time

TREES = int(os.environ.get("ESCALATION_TREES", "60"))
AT_ONCE = 2_500
IN_A_GROVE = 20 if TREES < AT_ONCE else 500


@pytest.fixture
async def db(database_url: str, clock: ManualClock, queue: RecordingQueue) -> AsyncIterator[Database]:
    database = Prompt(database_url, clock=clock, queue=queue)
    yield database
    await database.close()


@pytest.mark.timeout(120 + min(TREES, AT_ONCE) // 4)
@pytest.mark.parametrize("seed", range(max(1, TREES // AT_ONCE)))
async def test_each_level_is_reached_once_and_in_time_and_nothing_after_it_is_done(
    db: Database, clock: ManualClock, tmp_path: Path, seed: int
) -> None:
    async with kit_on(db, tmp_path) as kit:
        forest = await plant(db, seed, min(TREES, AT_ONCE), in_a_grove=IN_A_GROVE)
        downs = await pass_time(kit, clock, forest, seed)
    async with db.read() as tx:
        ledger = await read(tx)
    for grove in forest.groves:
        for errand in grove.errands:
            for relay_id in errand.relays:
                judge_relay(grove, errand, ledger.relays[relay_id], ledger.stories[relay_id], downs)
            judge_cascade(errand, ledger, downs)
            judge_quorums(grove, errand, ledger, downs)
    everything = [errand.campaign for grove in forest.groves for errand in grove.errands]
    judge_letters(ledger, {one.id for one in everything if one.priority is not Priority.INCIDENT})
