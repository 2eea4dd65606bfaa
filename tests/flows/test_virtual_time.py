"""Hours in seconds: random trees, policies, answers, absences and worker downtimes, judged by what the journal says.

`ESCALATION_TREES=100000` plants as many as the goal asks for; the suite takes a sample."""

import os
import random
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from app.core.clock import ManualClock
from app.core.db import Database
from app.core.journal import JournalLine
from app.domain.escalation.rules import Action
from app.domain.links import service as links
from app.domain.links.rules import Key
from app.domain.relays.states import State
from app.domain.relays.tables import Holding, Relay
from app.flows.confirm import confirm
from app.flows.escalate import escalate
from app.flows.kit import Kit
from app.flows.relieve import relieve_absent
from app.flows.sweep import miss
from tests.builders.relays import kit_on
from tests.flows.forest import WINDOW, Forest, Tree, plant

TREES = int(os.environ.get("ESCALATION_TREES", "60"))
AT_ONCE = 500
STEP = timedelta(seconds=4)
LATE = timedelta(seconds=5)
ROUNDS = 40


async def pass_time(kit: Kit, clock: ManualClock, forest: Forest, seed: int) -> list[tuple[datetime, datetime]]:
    """Let the hours pass, the keeper sweeping every few seconds unless its worker is down; answers the downtimes."""
    chance = random.Random(seed)
    begun, downs = clock.now(), []
    answers = sorted((at, relay, said) for tree in forest.trees for relay, (at, said) in tree.answers.items())
    marks = sorted({*_moments(forest, begun), *(at for at, _, _ in answers)})
    for mark in marks:
        if mark > clock.now():
            clock.advance(mark - clock.now())
        while answers and answers[0][0] <= clock.now():
            await _answer(kit, forest, *answers.pop(0)[1:])
        if chance.random() < 0.01:
            downs.append((clock.now(), clock.now() + timedelta(minutes=chance.uniform(1, 20))))
        if not any(start <= clock.now() < end for start, end in downs):
            clock.advance(timedelta(seconds=chance.uniform(0, STEP.total_seconds())))
            await sweep_once(kit)
    clock.advance(timedelta(hours=6))
    for _ in range(ROUNDS):
        await sweep_once(kit)
    return downs


async def sweep_once(kit: Kit) -> None:
    for chore in (miss, relieve_absent, escalate):
        while await chore(kit):
            pass


def _moments(forest: Forest, begun: datetime) -> set[datetime]:
    """When something is due, by the policies and the calendars alone."""
    steps = {begun + WINDOW * (step.at_percent / 100) for tree in forest.trees for step in tree.steps}
    away = {begins for tree in forest.trees for begins, _ in tree.away.values()}
    return steps | away | {begun + WINDOW}


async def _answer(kit: Kit, forest: Forest, relay_id: str, said: str) -> None:
    async with kit.db.write() as tx:
        relay = await tx.first(select(Relay).where(Relay.id == relay_id))
        assert relay is not None
        holder = {"campaign_id": relay.campaign_id, "leader_id": str(relay.leader_id)}
        token = await links.mint(tx, center_id=forest.center_id, expires_at=tx.now + timedelta(hours=1), **holder)
    await confirm(kit, Key(token.text), relay_id, action=said, reason="travelling")  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(max(1, TREES // AT_ONCE)))
async def test_each_level_is_reached_once_and_in_time_and_nothing_after_it_is_done(
    db: Database, clock: ManualClock, tmp_path: Path, seed: int
) -> None:
    async with kit_on(db, tmp_path) as kit:
        forest = await plant(db, seed, min(TREES, AT_ONCE))
        begun = clock.now()
        downs = await pass_time(kit, clock, forest, seed)
    async with db.read() as tx:
        lines = await tx.all(select(JournalLine).order_by(col(JournalLine.seq)))
        relays = {relay.id: relay for relay in await tx.all(select(Relay))}
        held = Counter((row.relay_id, row.leader_id) for row in await tx.all(select(Holding)))
    assert max(held.values(), default=1) == 1
    story: dict[str, list[JournalLine]] = {relay_id: [] for relay_id in relays}
    for line in lines:
        if line.subject_id in story:
            story[line.subject_id].append(line)
    for tree in forest.trees:
        for relay_id in tree.line:
            judge(tree, relays[relay_id], story[relay_id], begun, downs)


def judge(
    tree: Tree, relay: Relay, story: list[JournalLine], begun: datetime, downs: list[tuple[datetime, datetime]]
) -> None:
    """Whether one relay's story could have been told by the policy alone."""
    passes = [line for line in story if line.reason.startswith("passed on to")]
    gotten = [line.reason.split()[3] for line in passes]
    assert len(gotten) == len(set(gotten)), "nobody gets the same group twice"
    assert set(gotten) <= {
        *tree.line[relay.id],
        *(line.reason.split()[3] for line in passes if "(head)" in line.reason),
    }
    done = next((place for place, line in enumerate(story) if line.became == State.RELAYED.value), None)
    if done is not None:
        assert story[done + 1 :] == [], "nothing happens after it is done"
    else:
        left = tree.steps[relay.steps_taken :]
        if relay.state is State.FAILED:
            assert not [step for step in left if step.action is not Action.REMIND], "a no is passed on while it can be"
        else:
            assert not left, "every step of an open relay is taken in the end"
        assert relay.next_step_at is None
        assert relay.state in {State.MISSED, State.FAILED}
    due = Counter(begun + WINDOW * (step.at_percent / 100) for step in tree.steps)
    taken = Counter[datetime]()
    for line in story:
        if " % of the time has passed" in line.reason:
            percent = int(line.reason.split(": ")[-1].split(" %")[0])
            at = begun + WINDOW * (percent / 100)
            taken[at] += 1
            assert line.at >= at, "no step is taken early"
            if not any(start <= at + LATE and at <= end for start, end in downs):
                assert line.at - at <= LATE, "no step is taken late"
    assert not taken - due, "no step is taken twice"
