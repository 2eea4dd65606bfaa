"""The ledger of a campaign to look at: most of it went as planned, some is late, some was missed and passed on."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import select

from app.core import ids
from app.core.db import Tx
from app.core.journal import JournalLine, Subject
from app.domain.campaigns.tables import Campaign
from app.domain.relays.states import Evidence, Part, Route, State, Via
from app.domain.relays.tables import Holding, Relay

REASONS = ("travelling", "not_in_group", "group_dissolved")


async def ledger(
    tx: Tx,
    campaign_id: str,
    groups: Sequence[dict[str, Any]],
    leaders: Sequence[str],
    chance: random.Random,
    *,
    so_far: float,
) -> None:
    """One relay for each group; `so_far` is the part of the campaign that has happened."""
    campaign = await tx.first(select(Campaign).where(Campaign.id == campaign_id))
    assert campaign is not None
    rows = [
        _relay(campaign, group, leaders[number % len(leaders)], chance, so_far=so_far, now=tx.now)
        for number, group in enumerate(groups)
    ]
    await tx.insert(Relay, rows)
    missing = [row for row in rows if row["state"] in {State.MISSED, State.FAILED}]
    await tx.insert(Holding, [one for row in missing for one in _passed_on(row, leaders)])
    await tx.insert(JournalLine, [line for row in rows for line in _lines(row)])


def _lines(row: dict[str, Any]) -> list[dict[str, Any]]:
    common = {"stream": row["campaign_id"], "thread": row["id"], "subject": Subject.RELAY, "subject_id": row["id"]}
    told = [(None, State.PLANNED, min(row["starts_at"], row["changed_at"]), "muster", "")]
    if row["state"] is not State.PLANNED:
        told.append((State.PLANNED, row["state"], row["changed_at"], f"leader:{row['leader_id']}", row["reason"]))
    return [
        {**common, "was": was, "became": became, "at": at, "actor": actor, "reason": reason}
        for was, became, at, actor, reason in told
    ]


def _relay(
    campaign: Campaign,
    group: dict[str, Any],
    leader_id: str,
    chance: random.Random,
    *,
    so_far: float,
    now: datetime,
) -> dict[str, Any]:
    bot = "bot" in group["routes"]
    starts_at = (campaign.starts_at or now) + timedelta(minutes=campaign.window_minutes) * chance.random()
    deadline_at = starts_at + timedelta(minutes=campaign.relay_minutes)
    took = chance.random() * 4 if bot else campaign.relay_minutes * min(chance.expovariate(3.2), 1.4)
    relayed_at = starts_at + timedelta(minutes=took)
    luck, begun = chance.random(), so_far > 0
    state, reason = State.RELAYED, ""
    if begun and luck < 0.03:
        state, reason = State.FAILED, REASONS[int(luck * 100) % 3]
    elif not begun or relayed_at > now:
        state = State.MISSED if deadline_at <= now else (State.ASSIGNED if luck < 0.7 else State.ACKNOWLEDGED)
        state = state if begun else State.PLANNED
    had = state is State.RELAYED
    return {
        "id": ids.within("rel", campaign.id, group["id"]),
        "center_id": campaign.center_id,
        "campaign_id": campaign.id,
        "group_id": group["id"],
        "branch_id": group["branch_id"],
        "state": state,
        "reason": reason,
        "route": Route.BOT if bot else Route.LEADER,
        "text_id": f"txt_{campaign.id[4:]}",
        "leader_id": leader_id,
        "via": (Via.BOT if bot else Via.LEADER) if had else None,
        "late": had and relayed_at > deadline_at,
        "evidence": (Evidence.PLATFORM_VERIFIED if bot else Evidence.SELF_REPORTED) if had else None,
        "starts_at": starts_at,
        "deadline_at": deadline_at,
        "steps_taken": 1 if begun and not had else 0,
        "nudges": 1 if begun and not had else 0,
        "assigned_at": starts_at if begun else None,
        "relayed_at": relayed_at if had else None,
        "changed_at": min(relayed_at, now - timedelta(minutes=1)),
    }


def _passed_on(row: dict[str, Any], leaders: Sequence[str]) -> list[dict[str, Any]]:
    """The first leader, then the deputy, one hour later."""
    first, later = row["starts_at"], row["starts_at"] + timedelta(hours=1)
    deputy = leaders[(leaders.index(row["leader_id"]) + 5) % len(leaders)]
    common = {"relay_id": row["id"], "campaign_id": row["campaign_id"], "withdrawn": False}
    return [
        {**common, "leader_id": row["leader_id"], "part": Part.PRIMARY, "since": first, "until": later},
        {**common, "leader_id": deputy, "part": Part.DEPUTY, "since": later, "until": None},
    ]
