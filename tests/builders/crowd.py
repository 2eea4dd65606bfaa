"""A campaign of many leaders, each with a link of his own and one group that waits for his word."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from app.core import ids
from app.core.db import Database
from app.domain.campaigns.tables import CampaignText
from app.domain.directory.states import GroupStatus
from app.domain.directory.tables import Group, Leader
from app.domain.links import service as links
from app.domain.links.rules import Holder
from app.domain.relays.states import Route, State
from app.domain.relays.tables import Relay
from tests.builders import relays as build


@dataclass(frozen=True)
class Press:
    """What one leader presses: his link's token, and the relay he was asked for."""

    token: str
    relay_id: str

    @property
    def path(self) -> str:
        return f"/hooks/ack/{quote(self.token, safe='')}/relays/{self.relay_id}"


async def crowd(db: Database, count: int) -> list[Press]:
    """So many leaders, handed their groups now, with two hours left."""
    center_id = await build.center(db)
    campaign_id = await build.campaign(db, center_id)
    text_id = ids.new("txt")
    people, places, relays = ids.many("ldr", count), ids.many("grp", count), ids.many("rel", count)
    async with db.write() as tx:
        until = tx.now + timedelta(hours=2)
        whose = {"center_id": center_id, "created_at": tx.now, "updated_at": tx.now}
        await tx.add(CampaignText(id=text_id, campaign_id=campaign_id, body=build.TEXT))
        await tx.insert(Leader, [Leader(**whose, **_person(one)).model_dump() for one in people])
        await tx.insert(Group, [Group(**whose, **_place(one)).model_dump() for one in places])
        asked: dict[str, Any] = {"state": State.ASSIGNED, "reason": "", "route": Route.LEADER, "late": False}
        asked |= {"center_id": center_id, "campaign_id": campaign_id, "text_id": text_id, "steps_taken": 0, "nudges": 0}
        asked |= {"starts_at": tx.now, "assigned_at": tx.now, "changed_at": tx.now, "deadline_at": until}
        asked |= {"next_step_at": until}
        rows = zip(relays, places, people, strict=True)
        await tx.insert(Relay, [asked | {"id": one, "group_id": group, "leader_id": who} for one, group, who in rows])
        tokens = await links.mint_many(tx, [Holder(center_id, campaign_id, one, until) for one in people])
    async with db.write() as tx:
        await tx.learn(Leader, Group, Relay)
    return [Press(token.text, relay_id) for token, relay_id in zip(tokens, relays, strict=True)]


def _person(leader_id: str) -> dict[str, Any]:
    return {"id": leader_id, "name": leader_id, "name_key": leader_id, "contact_kind": "none"}


def _place(group_id: str) -> dict[str, Any]:
    row = {"id": group_id, "name": group_id, "platform": "manual", "address": group_id, "address_key": group_id}
    return row | {"tags": [], "routes": ["leader"], "status": GroupStatus.ACTIVE, "status_reason": ""}
