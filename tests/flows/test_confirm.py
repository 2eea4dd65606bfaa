"""A leader's word moves the ledger once and is kept always."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.core import journal
from app.core.audit import AuditEntry, entries
from app.core.clock import ManualClock
from app.core.db import Database
from app.core.errors import Conflict, Gone
from app.domain.campaigns.states import State as Control
from app.domain.links.rules import Key
from app.domain.relays.states import Evidence, Route, State, Via
from app.flows.confirm import confirm, confirm_all
from app.flows.hear import Answer
from app.flows.kit import Kit
from tests.builders import relays as build
from tests.builders.relays import Handed, handed


@pytest.fixture
async def kit(db: Database, tmp_path: Path) -> AsyncIterator[Kit]:
    async with build.kit_on(db, tmp_path) as made:
        yield made


@pytest.fixture
async def world(db: Database) -> Handed:
    return await handed(db)


async def _story(world: Handed, place: int = 0) -> list[tuple[str | None, str, str, str]]:
    async with world.db.read() as tx:
        lines = await journal.thread(tx, world.relays[place])
    return [(line.was, line.became, line.actor, line.reason) for line in lines]


async def _audit(world: Handed) -> list[AuditEntry]:
    async with world.db.read() as tx:
        return list((await entries(tx, world.center_id, limit=200, cursor=None)).items)


async def test_done_is_recorded_with_who_when_and_how(kit: Kit, world: Handed, clock: ManualClock) -> None:
    clock.advance(timedelta(minutes=10))
    answer = await confirm(kit, Key(world.token), world.relays[0], action="done")
    assert answer == Answer(world.relays[0], State.RELAYED, late=False, changed=True)
    relay = await world.relay()
    assert (relay.state, relay.via, relay.evidence) == (State.RELAYED, Via.LEADER, Evidence.SELF_REPORTED)
    assert (relay.relayed_at, relay.changed_at, relay.next_step_at) == (clock.now(), clock.now(), None)
    assert await _story(world) == [("assigned", "relayed", "leader:李梅", "")]
    [said] = await world.said()
    assert (said.action, said.moved, said.leader_id, said.at) == ("done", True, world.leader_id, clock.now())
    assert said.link_id in world.token
    assert [(each.action, each.subject) for each in await _audit(world)] == [("relay.done", world.relays[0])]
    assert (await world.relay(1)).state is State.ASSIGNED


async def test_a_proof_is_stronger_evidence(kit: Kit, world: Handed) -> None:
    await confirm(kit, Key(world.token), world.relays[0], action="done", proof="https://chat.example/m/1")
    assert (await world.relay()).evidence is Evidence.PROOF
    assert (await world.said())[0].proof == "https://chat.example/m/1"


async def test_a_second_done_answers_the_same_state_and_moves_nothing(kit: Kit, world: Handed) -> None:
    answers = [await confirm(kit, Key(world.token), world.relays[0], action="done") for _ in range(100)]
    assert [answer.changed for answer in answers if answer] == [True] + [False] * 99
    assert {(answer.state, answer.late) for answer in answers if answer} == {(State.RELAYED, False)}
    assert len(await _story(world)) == 1
    assert [said.moved for said in await world.said()].count(True) == 1


async def test_acknowledged_then_done(kit: Kit, world: Handed) -> None:
    first = await confirm(kit, Key(world.token), world.relays[0], action="acknowledge")
    again = await confirm(kit, Key(world.token), world.relays[0], action="acknowledge")
    assert first == Answer(world.relays[0], State.ACKNOWLEDGED, late=False, changed=True)
    assert again == Answer(world.relays[0], State.ACKNOWLEDGED, late=False, changed=False)
    relay = await world.relay()
    assert relay.via is None
    assert relay.next_step_at is not None, "who only has it is still reminded"
    await confirm(kit, Key(world.token), world.relays[0], action="done")
    assert [became for _, became, _, _ in await _story(world)] == ["acknowledged", "relayed"]


@pytest.mark.parametrize(("said", "kept"), [("travelling", "travelling"), ("", "other"), ("手机坏了", "手机坏了")])
async def test_cannot_fails_with_its_reason(kit: Kit, world: Handed, said: str, kept: str) -> None:
    answer = await confirm(kit, Key(world.token), world.relays[0], action="cannot", reason=said)
    assert answer == Answer(world.relays[0], State.FAILED, late=False, changed=True)
    relay = await world.relay()
    assert (relay.reason, relay.next_step_at) == (kept, relay.changed_at), "the policy acts at once"
    assert await _story(world) == [("assigned", "failed", "leader:李梅", kept)]


async def test_done_after_cannot_counts(kit: Kit, world: Handed) -> None:
    await confirm(kit, Key(world.token), world.relays[0], action="cannot", reason="travelling")
    answer = await confirm(kit, Key(world.token), world.relays[0], action="done")
    assert answer == Answer(world.relays[0], State.RELAYED, late=False, changed=True)
    assert (await world.relay()).reason == ""


@pytest.mark.parametrize("action", ["acknowledge", "cannot"])
async def test_a_stale_page_takes_nothing_back(kit: Kit, world: Handed, action: str) -> None:
    await confirm(kit, Key(world.token), world.relays[0], action="done")
    answer = await confirm(kit, Key(world.token), world.relays[0], action=action)  # type: ignore[arg-type]
    assert answer == Answer(world.relays[0], State.RELAYED, late=False, changed=False)
    assert [said.moved for said in await world.said()] == [True, False]


async def test_done_after_a_miss_is_late_but_counts(kit: Kit, world: Handed) -> None:
    await world.put(0, state=State.MISSED)
    answer = await confirm(kit, Key(world.token), world.relays[0], action="done")
    assert answer == Answer(world.relays[0], State.RELAYED, late=True, changed=True)
    assert (await world.relay()).late
    assert await confirm(kit, Key(world.token), world.relays[0], action="done") == Answer(
        world.relays[0], State.RELAYED, late=True, changed=False
    )


async def test_done_past_the_deadline_is_late_even_before_anyone_called_it_missed(
    kit: Kit, world: Handed, clock: ManualClock
) -> None:
    clock.advance(timedelta(hours=2) - timedelta(seconds=1))
    on_time = await confirm(kit, Key(world.token), world.relays[0], action="done")
    clock.advance(timedelta(seconds=1))
    late = await confirm(kit, Key(world.token), world.relays[1], action="done")
    assert on_time is not None
    assert late is not None
    assert (on_time.late, late.late) == (False, True)


async def test_a_relay_of_another_leader_or_campaign_is_not_found(kit: Kit, world: Handed, db: Database) -> None:
    other = await build.leader(db, world.center_id, "王强")
    theirs = await build.relay(db, world.center_id, campaign_id=world.campaign_id, leader_id=other, group="他的群")
    campaign = await build.campaign(db, world.center_id, "另一次")
    later = await build.relay(db, world.center_id, campaign_id=campaign, leader_id=world.leader_id, group="另一群")
    for relay_id in (theirs, later, "rel_unknown", "", "x" * 500):
        assert await confirm(kit, Key(world.token), relay_id, action="done") is None
    assert await world.said() == []


async def test_an_unknown_or_expired_link_confirms_nothing(kit: Kit, world: Handed, clock: ManualClock) -> None:
    forged = world.token[:-1] + ("a" if world.token[-1] != "a" else "b")
    assert await confirm(kit, Key(forged), world.relays[0], action="done") is None
    assert await confirm_all(kit, Key(forged)) is None
    clock.advance(timedelta(hours=48))
    assert await confirm(kit, Key(world.token), world.relays[0], action="done") is None
    assert await confirm_all(kit, Key(world.token)) is None
    assert (await world.relay()).state is State.ASSIGNED


async def test_a_cancelled_campaign_is_gone_and_the_word_is_kept(kit: Kit, world: Handed) -> None:
    await world.control(Control.CANCELLED)
    with pytest.raises(Gone) as gone:
        await confirm(kit, Key(world.token), world.relays[0], action="done")
    assert gone.value.code == "campaign_cancelled"
    with pytest.raises(Gone):
        await confirm_all(kit, Key(world.token))
    assert (await world.relay()).state is State.ASSIGNED
    assert [said.moved for said in await world.said()] == [False]
    assert await _story(world) == []


async def test_a_cancelled_relay_is_gone(kit: Kit, world: Handed) -> None:
    await world.put(0, state=State.CANCELLED)
    with pytest.raises(Gone):
        await confirm(kit, Key(world.token), world.relays[0], action="done")


async def test_a_paused_campaign_can_still_be_confirmed(kit: Kit, world: Handed) -> None:
    await world.control(Control.PAUSED)
    answer = await confirm(kit, Key(world.token), world.relays[0], action="done")
    assert answer is not None
    assert answer.changed


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"route": Route.BOT, "state": State.UNCERTAIN}, "posted_by_account"),
        ({"route": Route.BOT, "state": State.FAILED}, "posted_by_account"),
        ({"route": None, "state": State.ASSIGNED}, "posted_by_account"),
        ({"route": Route.BOT, "state": State.PLANNED, "assigned_at": None}, "posted_by_account"),
        ({"route": Route.BOT, "state": State.POSTING}, "posted_by_account"),
        ({"state": State.PLANNED}, "not_yet"),
        ({"state": State.SKIPPED}, "not_yet"),
    ],
)
async def test_what_no_leader_was_asked_for_cannot_be_confirmed(
    kit: Kit, world: Handed, values: dict[str, object], code: str
) -> None:
    await world.put(0, **values)
    before = await world.relay()
    with pytest.raises(Conflict) as refused:
        await confirm(kit, Key(world.token), world.relays[0], action="done")
    assert refused.value.code == code
    assert (await world.relay()) == before
    answers = await confirm_all(kit, Key(world.token))
    assert answers is not None
    assert {answer.id for answer in answers} == set(world.relays[1:])


async def test_all_done_confirms_every_open_group_at_once(kit: Kit, world: Handed) -> None:
    await world.put(0, state=State.MISSED)
    await world.put(1, state=State.ACKNOWLEDGED)
    answers = await confirm_all(kit, Key(world.token))
    assert answers is not None
    assert {answer.id: (answer.state, answer.late, answer.changed) for answer in answers} == {
        world.relays[0]: (State.RELAYED, True, True),
        world.relays[1]: (State.RELAYED, False, True),
        world.relays[2]: (State.RELAYED, False, True),
    }
    assert len(await world.said()) == 3
    again = await confirm_all(kit, Key(world.token))
    assert again is not None
    assert [(answer.state, answer.changed) for answer in again] == [(State.RELAYED, False)] * 3


async def test_all_done_leaves_what_was_declined(kit: Kit, world: Handed) -> None:
    await confirm(kit, Key(world.token), world.relays[0], action="cannot", reason="group_dissolved")
    await confirm_all(kit, Key(world.token))
    assert [(await world.relay(place)).state for place in range(3)] == [State.FAILED, State.RELAYED, State.RELAYED]


async def test_all_done_on_an_old_page_means_the_groups_that_were_on_it(kit: Kit, world: Handed) -> None:
    await confirm_all(kit, Key(world.token), only=[world.relays[0], world.relays[2], "rel_strange"])
    assert [(await world.relay(place)).state for place in range(3)] == [State.RELAYED, State.ASSIGNED, State.RELAYED]


async def test_fifty_presses_at_once_are_recorded_once(kit: Kit, world: Handed) -> None:
    answers = await asyncio.gather(
        *(confirm(kit, Key(world.token), world.relays[0], action="done") for _ in range(50)),
    )
    assert [answer.changed for answer in answers if answer].count(True) == 1
    assert {answer.state for answer in answers if answer} == {State.RELAYED}
    assert len(await _story(world)) == 1
    assert [said.moved for said in await world.said()].count(True) == 1


async def test_single_and_all_presses_racing_end_in_one_move_each(kit: Kit, world: Handed) -> None:
    await asyncio.gather(
        *(confirm(kit, Key(world.token), world.relays[place % 3], action="done") for place in range(24)),
        *(confirm_all(kit, Key(world.token)) for _ in range(8)),
        *(confirm(kit, Key(world.token), world.relays[1], action="acknowledge") for _ in range(8)),
    )
    for place in range(3):
        assert (await world.relay(place)).state is State.RELAYED
        assert [became for _, became, _, _ in await _story(world, place)].count("relayed") == 1
