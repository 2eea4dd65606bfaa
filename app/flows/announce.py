"""Announce: the campaign's words to one group become a delivery of the account that posts there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from app.core.db import Tx
from app.domain.accounts import store as accounts
from app.domain.accounts.states import Status
from app.domain.campaigns import store as campaigns
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.states import Kind, State
from app.domain.escalation.rules import patience
from app.flows.brief import Campaign
from app.flows.correspond import Held
from app.flows.lanes import delivery_id, open_lanes


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
    tx: Tx, campaign: Campaign, door: Door, *, relay_id: str, text_id: str, due_at: datetime, expires_at: datetime
) -> dict[str, Any]:
    """The delivery's row."""
    return {
        "id": delivery_id(campaign.id, door.group_id),
        "center_id": campaign.center_id,
        "campaign_id": campaign.id,
        "kind": Kind.ANNOUNCEMENT,
        "subject": door.group_id,
        "turn": 0,
        "part": 0,
        "relay_id": relay_id,
        "group_id": door.group_id,
        "account_id": door.account_id,
        "chat": f"{door.platform}:{door.address_key}",
        "text_id": text_id,
        "state": State.DUE,
        "reason": "",
        "due_at": due_at,
        "expires_at": expires_at,
        "fence": 0,
        "tries": 0,
        "resends": 0,
        "created_at": tx.now,
    }


async def postable(tx: Tx, campaign: Campaign, held: Sequence[Held]) -> dict[str, Door]:
    """By relay id, the ways into those of these groups where an account may post, as launch found them."""
    doors: dict[str, Door] = {
        door.group_id: door
        for door in await campaigns.frozen(tx, campaign.id, [relay.group_id for relay in held])
        if "bot" in door.routes and door.account_id is not None
    }
    named = sorted({str(door.account_id) for door in doors.values()})
    usable = {account.id for account in await accounts.get(tx, named) if account.status is not Status.OFF}
    found = {relay.id: doors[relay.group_id] for relay in held if relay.group_id in doors}
    return {relay_id: door for relay_id, door in found.items() if door.account_id in usable}


async def to_post(tx: Tx, campaign: Campaign, held: Sequence[Held], doors: Mapping[str, Door]) -> None:
    """A post for each of these relays, due now."""
    rows = [
        announcement(
            tx,
            campaign,
            doors[relay.id],
            relay_id=relay.id,
            text_id=str(relay.text_id),
            due_at=tx.now,
            expires_at=tx.now + patience(starts_at=relay.starts_at, deadline_at=relay.deadline_at),
        )
        for relay in held
    ]
    await open_lanes(tx, campaign, {row["account_id"] for row in rows})
    await deliveries.create(tx, rows)
