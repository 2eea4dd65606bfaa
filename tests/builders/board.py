"""A browser at the operator's pages, as an HTTP client: signed in with a key of its own."""

import re
from dataclasses import dataclass
from datetime import timedelta

import httpx
from sqlalchemy import update

from app.core import ids
from app.core.db import Database
from app.domain.access import service as access
from app.domain.access.states import Role
from app.domain.access.tables import Center
from app.domain.accounts.states import Status
from app.domain.accounts.tables import Account
from app.domain.campaigns.tables import Campaign
from app.domain.deliveries.states import Kind, State
from app.domain.deliveries.tables import Attempt, Delivery
from app.domain.directory.tables import Group, Leader
from app.domain.relays.states import Route
from app.domain.relays.states import State as RelayState
from tests.builders.relays import Handed

HTML = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
_TOKEN = re.compile(r'name="form_token" value="([0-9a-f]{40})"')


async def key_of(db: Database, center_id: str, role: Role = Role.OWNER, name: str = "head") -> str:
    async with db.write() as tx:
        return (await access.create_key(tx, center_id, name=name, role=role, actor="test")).token


@dataclass
class Operator:
    """Somebody who clicks: pages as they come, forms with the token of the page they stand on."""

    client: httpx.AsyncClient
    form_token: str = ""

    async def sign_in(self, key: str) -> None:
        answer = await self.client.post("/signin", data={"key": key}, headers=HTML)
        assert answer.status_code == 303, answer.text
        self.form_token = _TOKEN.findall(await self.page("/"))[0]

    async def look(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(path, headers={**HTML, **headers})

    async def page(self, path: str) -> str:
        answer = await self.look(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        return answer.text

    async def press(self, path: str, **fields: str) -> httpx.Response:
        data = {"form_token": self.form_token, **fields}
        return await self.client.post(path, data=data, headers=HTML)


async def uncertain(world: Handed, place: int = 0, *, account: str = "公告机器人", reason: str = "read timeout") -> str:
    """Make this relay a bot's post whose answer was lost; answers its delivery's id."""
    relay = await world.relay(place)
    account_id, delivery_id = ids.new("acc"), ids.new("dlv")
    async with world.db.write() as tx:
        await tx.add(
            Account(
                id=account_id,
                center_id=world.center_id,
                name=account,
                name_key=account_id,
                platform="telegram",
                channel="telegram",
                status=Status.ACTIVE,
                created_at=tx.now,
                updated_at=tx.now,
            )
        )
        row = {
            "campaign_id": world.campaign_id,
            "kind": Kind.ANNOUNCEMENT,
            "subject": relay.group_id,
            "relay_id": relay.id,
            "group_id": relay.group_id,
            "account_id": account_id,
            "text_id": relay.text_id,
            "state": State.UNCERTAIN,
            "due_at": tx.now,
            "expires_at": tx.now + timedelta(hours=1),
            "created_at": tx.now,
        }
        await tx.add(Delivery(id=delivery_id, center_id=world.center_id, chat="telegram:1", reason=reason, **row))
        facts = {"account_id": account_id, "chat": "telegram:1", "started_at": tx.now, "ended_at": tx.now}
        attempt = {"delivery_id": delivery_id, "fence": 1, "outcome": "ambiguous", "detail": reason}
        await tx.add(Attempt(id=ids.new("att"), **attempt, **facts))
    await world.put(place, state=RelayState.UNCERTAIN, route=Route.BOT, reason=reason)
    return delivery_id


async def call_everything(world: Handed, name: str) -> None:
    """Give the campaign, its center, its groups and its leaders this name."""
    async with world.db.write() as tx:
        for table, column in ((Campaign, "title"), (Center, "name"), (Group, "name"), (Leader, "name")):
            await tx.run(update(table).values({column: name}))
