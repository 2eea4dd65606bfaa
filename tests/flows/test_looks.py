"""How the gates are asked again: many at once, each by a look that began after it asked; and what a stop waits for."""

import asyncio
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from app.core.db import Database, Tx
from app.domain.deliveries import store
from app.domain.deliveries.rules import SURE_FOR, Result
from app.domain.deliveries.states import Kind, News
from app.flows import control
from app.flows.kit import Kit
from app.flows.last_look import LastLook
from tests.builders.deliveries import delivery
from tests.flows.speaking import close, ready, taken_by


@pytest.fixture
async def kit(db: Database) -> Kit:
    return await ready(db)


async def test_whoever_asks_while_others_ask_is_answered_by_a_look_that_began_after(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And all of them by one."""
    claimed = [one.claimed for one in await taken_by(kit)]
    looks: list[list[Any]] = []
    began, may_end = asyncio.Event(), asyncio.Event()

    async def closed_gates(tx: Tx, subjects: Sequence[str]) -> list[Any]:
        found = await _closed_gates(tx, subjects)
        looks.append(found)
        began.set()
        await may_end.wait()
        return found

    _closed_gates = store.closed_gates
    monkeypatch.setattr(store, "closed_gates", closed_gates)
    look = LastLook(kit)
    first = asyncio.create_task(look.look(claimed[:1]))
    await asyncio.wait_for(began.wait(), 10)
    await close(kit, "cen_1")
    rest = [asyncio.create_task(look.look([one])) for one in claimed[1:]]
    await asyncio.sleep(0)
    assert not first.done()
    may_end.set()
    assert (await first).held == set()
    assert all(one.id in looked.held for one, looked in zip(claimed[1:], await asyncio.gather(*rest), strict=True))
    assert len(looks) == 2


async def test_one_who_asks_no_more_leaves_the_others_their_answer(kit: Kit) -> None:
    [one, two, *_] = (taken.claimed for taken in await taken_by(kit))
    look = LastLook(kit)
    impatient, patient = asyncio.create_task(look.look([one])), asyncio.create_task(look.look([two]))
    await asyncio.sleep(0)
    impatient.cancel()
    assert (await patient).held == set()
    assert (await look.look([one])).held == set()


@pytest.mark.parametrize("kind", Kind)
async def test_what_holds_a_delivery_is_the_same_at_its_claim_and_after_it(kit: Kit, kind: Kind) -> None:
    async with kit.db.write() as tx:
        await store.create(tx, [delivery(99, tx.now, kind=kind)])
        for subject in ("cen_1", "cmp_1", "acc_1", "cen_2"):
            await store.close_gate(tx, subject, reason="test")
            went = await store.claim(tx, ["dlv_00099"])
            await store.open_gate(tx, subject)
            [one] = went or await store.claim(tx, ["dlv_00099"])
            assert (subject in one.stopped_by) is (not went)
            await store.finish(tx, [Result(one.id, one.fence, News.NOT_SENT, due_at=tx.now, tried=False)])


async def test_a_stop_waits_until_words_that_needed_no_look_have_left(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And for nobody where nothing is under way."""
    monkeypatch.setattr(control, "WAY_OUT", timedelta(minutes=1))
    await asyncio.wait_for(control.outlast_claims(kit, "cmp_1"), 10)
    await taken_by(kit)
    await asyncio.wait_for(control.outlast_claims(kit, "cmp_2"), 10)
    monkeypatch.undo()
    began = time.monotonic()
    await control.outlast_claims(kit, "cmp_1")
    assert time.monotonic() - began >= (SURE_FOR + control.WAY_OUT).total_seconds() - 0.001
