"""Plan: every group of a frozen audience gets its ledger row, and its delivery where a bot posts. In batches, each
one transaction with the cursor that says how far the plan has come: safe to run twice, and to die in the middle."""

import asyncio
from collections.abc import Sequence
from functools import cache, partial
from typing import Any

from app.core import ids
from app.core.db import Tx
from app.core.jobs import WAKE
from app.core.journal import Move, Subject, append
from app.core.markdown import Format
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import State as Control
from app.domain.deliveries import store as deliveries
from app.domain.planning.rules import Planned
from app.domain.planning.rules import plan as planned
from app.domain.relays import store as relays
from app.domain.relays.states import State
from app.flows.amend import amend
from app.flows.announce import announcement
from app.flows.ask import ask_due
from app.flows.brief import Campaign, scene, targets
from app.flows.cascade import cascade
from app.flows.concerned import spared
from app.flows.hand_off import hand_off_due
from app.flows.kit import Kit
from app.flows.lanes import marked, open_lanes, text_id, text_rows
from app.flows.lay_tiers import lay_tiers
from app.flows.ring import set_alarms

BATCH = 1_000
BREATH_S = 0.003
"""On SQLite whoever waits for the only writer's place, with a stop perhaps, finds it free between two batches."""
PLANNABLE = (Control.RUNNING, Control.SCHEDULED, Control.PAUSED)


async def plan(kit: Kit, campaign_id: str) -> None:
    """Plan a launched campaign to its end, then hand its leaders their groups."""
    more = True
    while more:
        more = await _batch(kit, campaign_id)
        await asyncio.sleep(BREATH_S)
    await cascade(kit)
    await hand_off_due(kit)
    await ask_due(kit)


async def _batch(kit: Kit, campaign_id: str) -> bool:
    """Plan the next groups; False when there is nothing left to plan here."""
    async with kit.db.write() as tx:
        campaign = await campaigns.hold(tx, campaign_id)
        if campaign is None or campaign.planned_at is not None or campaign.state not in PLANNABLE:
            return False
        if campaign.corrects_id and not await campaigns.is_cleared(tx, campaign.corrects_id):
            return False  # what is under way of it decides what is to be said: the keeper comes back
        groups = await campaigns.frozen_groups(tx, campaign_id, after=campaign.plan_cursor, limit=BATCH)
        begins = campaign.starts_at or tx.now
        found = await scene(kit, tx, campaign, starts_at=begins)
        rows = list(planned(found.brief, await targets(tx, campaign.center_id, found, groups)))
        await _keep(kit, tx, campaign, rows)
        last = len(groups) < BATCH
        ends_at = max([row.deadline_at for row in rows] + [campaign.ends_at or begins])
        if last:
            await lay_tiers(tx, campaign)
            await set_alarms(tx, campaign, starts_at=begins, ends_at=ends_at)
        cursor = groups[-1].group_id if groups else campaign.plan_cursor
        moved = await campaigns.advance_plan(
            tx,
            campaign_id,
            was=campaign.plan_cursor,
            cursor=cursor,
            planned_at=tx.now if last else None,
            ends_at=ends_at,
        )
        assert moved, "the campaign's row is held"
        if last or not campaign.plan_cursor:
            await relays.learn(tx)
            await deliveries.learn(tx)
        tx.then(WAKE, "plan")
    return not last


async def _keep(kit: Kit, tx: Tx, campaign: Campaign, rows: Sequence[Planned]) -> None:
    posts = cache(partial(_posts, campaign))
    said = [posts(tuple(one.parts), pictured=one.pictured) for one in rows]
    wanted: set[tuple[str, ...]] = {(one.text,) for one in rows}  # the whole text of every group, for whoever reads it
    await campaigns.keep_texts(tx, text_rows(campaign, wanted.union(*said)))
    campaign_id = campaign.id
    named = [relay_id(campaign_id, one.target.group_id) for one in rows]
    first_id = campaign.corrects_id
    firsts = {one.target.group_id: relay_id(first_id, one.target.group_id) for one in rows} if first_id else {}
    spare = await spared(tx, campaign, firsts) if firsts else {}
    starts = [_start(one, spare.get(one.target.group_id)) for one in rows]
    await relays.create(tx, _relays(tx, campaign, named, rows, starts))
    await append(tx, [_first_line(campaign_id, *each) for each in zip(named, rows, starts, strict=True)])
    made = [
        _delivery(tx, campaign, relay, one, posts)
        for relay, one, posts, (state, _) in zip(named, rows, said, starts, strict=True)
        if one.route == "bot" and state is State.PLANNED
    ]
    if firsts:
        made = await amend(kit, tx, campaign, made, firsts=firsts)
    await open_lanes(tx, campaign, {str(row["account_id"]) for row in made})
    await deliveries.create(tx, made, new=True)


def _posts(campaign: Campaign, parts: tuple[str, ...], *, pictured: bool) -> list[tuple[str, ...]]:
    markdown = campaign.format is Format.MARKDOWN
    how = {"mention_all": campaign.mention_all, "markdown": markdown, "pin": campaign.pin}
    return marked(parts, pictured=pictured, **how)


def relay_id(campaign_id: str, group_id: str) -> str:
    return ids.within("rel", campaign_id, group_id)


Start = tuple[State, str]
"""How a relay begins, and why so."""


def _start(one: Planned, spared_because: str | None) -> Start:
    if spared_because is not None:
        return State.SKIPPED, spared_because
    return (State.FAILED, one.problem.value) if one.problem else (State.PLANNED, "")


def _relays(
    tx: Tx, campaign: Campaign, named: Sequence[str], rows: Sequence[Planned], starts: Sequence[Start]
) -> list[dict[str, Any]]:
    same = {"center_id": campaign.center_id, "campaign_id": campaign.id, "changed_at": tx.now}
    same |= {"late": False, "steps_taken": 0, "nudges": 0}
    campaign_id = campaign.id
    return [
        {
            "id": relay,
            **same,
            "group_id": one.target.group_id,
            "branch_id": one.target.branch_id,
            "state": state,
            "reason": reason,
            "route": one.route,
            "text_id": text_id(campaign_id, one.text),
            "leader_id": one.target.leaders[0] if one.target.leaders else None,
            "asked_by": one.asked_by if state is State.PLANNED else None,
            "starts_at": one.starts_at,
            "deadline_at": one.deadline_at,
        }
        for relay, one, (state, reason) in zip(named, rows, starts, strict=True)
    ]


def _first_line(campaign_id: str, relay: str, one: Planned, start: Start) -> Move:
    state, reason = start
    held = one.held and state is State.PLANNED
    reason = "held until after quiet hours" if held else reason
    return Move(campaign_id, relay, Subject.RELAY, relay, None, state.value, "muster", reason)


def _delivery(tx: Tx, campaign: Campaign, relay: str, one: Planned, posts: Sequence[tuple[str, ...]]) -> dict[str, Any]:
    return announcement(
        tx,
        campaign,
        one.target,
        relay_id=relay,
        text_ids=[text_id(campaign.id, *post) for post in posts],
        due_at=one.starts_at,
        expires_at=one.deadline_at,
    )
