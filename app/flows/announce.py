"""Announce: the campaign's words to one group become a delivery of the account that posts there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from app.channels.tasks import Asks
from app.core.db import Tx
from app.domain.accounts import store as accounts
from app.domain.accounts.states import Status
from app.domain.campaigns import store as campaigns
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.states import Kind, State
from app.domain.planning.rules import MOST_PARTS, posts
from app.flows.brief import Campaign
from app.flows.correspond import Held
from app.flows.kit import Kit
from app.flows.lanes import delivery_id, marked, open_lanes, text_id, text_rows
from app.flows.night import turns
from app.flows.sizes import size_of


class Door(Protocol):
    """What is known of the way into a group."""

    @property
    def group_id(self) -> str: ...
    @property
    def platform(self) -> str: ...
    @property
    def address_key(self) -> str: ...
    @property
    def account_id(self) -> str | None: ...


@dataclass(frozen=True)
class Way:
    """A way into a group that is in no audience."""

    group_id: str
    platform: str
    address_key: str
    account_id: str | None


def announcement(
    tx: Tx,
    campaign: Campaign,
    door: Door,
    *,
    relay_id: str,
    text_ids: Sequence[str],
    due_at: datetime,
    expires_at: datetime,
) -> dict[str, Any]:
    """The delivery's row: of the first part, where there are several."""
    campaign_id = campaign.id
    return {
        "id": delivery_id(campaign_id, door.group_id),
        "center_id": campaign.center_id,
        "campaign_id": campaign_id,
        "kind": Kind.ANNOUNCEMENT,
        "subject": door.group_id,
        "turn": 0,
        "part": 0,
        "relay_id": relay_id,
        "of_id": None,
        "group_id": door.group_id,
        "account_id": door.account_id,
        "chat": f"{door.platform}:{door.address_key}",
        "text_id": text_ids[0],
        "following": " ".join(text_ids[1:]) or None,
        "state": State.DUE,
        "reason": "",
        "due_at": due_at,
        "expires_at": expires_at,
        "fence": 0,
        "tries": 0,
        "resends": 0,
        "created_at": tx.now,
    }


@dataclass(frozen=True)
class Opening:
    """A way into a group, and what an account posts there, part by part, each with its marks."""

    door: Door
    posts: Sequence[tuple[str, ...]]


async def postable(kit: Kit, tx: Tx, campaign: Campaign, held: Sequence[Held]) -> dict[str, Opening]:
    """By relay id, those of these groups where an account may post the text that its leader was given, as launch
    found them: what does not go into the posts that are allowed stays with people."""
    doors: dict[str, Door] = {
        door.group_id: door
        for door in await campaigns.frozen(tx, campaign.id, [relay.group_id for relay in held])
        if "bot" in door.routes and door.account_id is not None
    }
    named = sorted({str(door.account_id) for door in doors.values()})
    usable = {
        account.id: account.channel for account in await accounts.get(tx, named) if account.status is not Status.OFF
    }
    texts = await campaigns.texts(tx, sorted({str(relay.text_id) for relay in held}))
    found: dict[str, Opening] = {}
    for relay in held:
        door = doors.get(relay.group_id)
        channel = kit.channels.get(usable.get(str(door.account_id), "")) if door else None
        if door is None or channel is None or isinstance(channel, Asks) or relay.text_id not in texts:
            continue
        size, pictured = size_of(channel, markdown=False), campaign.picture_id is not None
        most = MOST_PARTS if campaign.split else 1
        _, parts = posts(texts[relay.text_id].body, size, most=most, pictured=pictured)
        if parts:
            marks = {
                "mention_all": campaign.mention_all,
                "pin": campaign.pin,
                "pictured": pictured and size.takes_picture,
            }
            found[relay.id] = Opening(door, marked(parts, **marks))
    return found


async def to_post(tx: Tx, campaign: Campaign, held: Sequence[Held], openings: Mapping[str, Opening]) -> None:
    """A post for each of these relays, due as soon as it wakes nobody."""
    times = await turns(tx, campaign, held)
    said = {post for relay in held for post in openings[relay.id].posts}
    await campaigns.keep_texts(tx, text_rows(campaign, said))
    rows = [
        announcement(
            tx,
            campaign,
            openings[relay.id].door,
            relay_id=relay.id,
            text_ids=[text_id(campaign.id, *post) for post in openings[relay.id].posts],
            due_at=times[relay.id].begins_at,
            expires_at=times[relay.id].ends_at,
        )
        for relay in held
    ]
    await open_lanes(tx, campaign, {row["account_id"] for row in rows})
    await deliveries.create(tx, rows)
