"""A campaign that was handed to leaders, put into the database as rows: what relay links and confirmations need."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import update
from sqlmodel import col, select

from app.core import ids, journal
from app.core.addresses import Guard
from app.core.audit import AuditEntry
from app.core.db import Database
from app.core.http import HttpClient
from app.core.secrets import Vault
from app.core.settings import Settings
from app.domain.access.tables import Center
from app.domain.campaigns.states import Priority, RouteChoice
from app.domain.campaigns.states import State as Control
from app.domain.campaigns.tables import Campaign, CampaignText
from app.domain.directory.states import GroupStatus
from app.domain.directory.tables import Group, Leader
from app.domain.links import service as links
from app.domain.relays.states import Route, State
from app.domain.relays.tables import Confirmation, Relay
from app.flows.kit import Kit

TEXT = "【春季运动会】本周六上午 9:00，东门集合。\n请穿运动鞋，带水杯。回复“1”报名 😊"


@asynccontextmanager
async def kit_on(db: Database, folder: Path, *, public_url: str | None = None) -> AsyncIterator[Kit]:
    """A Kit on this database; nothing in it leaves the machine."""
    settings = Settings(data_dir=folder, public_url=public_url, _env_file=None)  # type: ignore[arg-type]
    vault = Vault([Fernet.generate_key().decode()])
    http = HttpClient(Guard(frozenset()))
    yield Kit(settings=settings, db=db, clock=db.clock, queue=db.queue, vault=vault, http=http, channels={})
    await http.close()


@dataclass(frozen=True)
class Handed:
    """One campaign, one leader, the relays he was asked for, and his link."""

    db: Database
    center_id: str
    campaign_id: str
    leader_id: str
    relays: list[str]
    token: str

    async def relay(self, place: int = 0) -> Relay:
        async with self.db.read() as tx:
            found = await tx.first(select(Relay).where(Relay.id == self.relays[place]))
        assert found is not None
        return found

    async def put(self, place: int, **values: Any) -> None:
        async with self.db.write() as tx:
            await tx.run(update(Relay).where(col(Relay.id) == self.relays[place]).values(**values))

    async def control(self, state: Control) -> None:
        async with self.db.write() as tx:
            await tx.run(update(Campaign).where(col(Campaign.id) == self.campaign_id).values(state=state))

    def press(self, place: int = 0, *, base: str = "/r") -> str:
        """Where a word about one relay is sent."""
        return f"{base}/{self.token}/relays/{self.relays[place]}"

    async def everything(self) -> list[Any]:
        """All that a look must leave as it was: every relay, and how many lines, words and entries there are."""
        async with self.db.read() as tx:
            return [
                [each.model_dump() for each in await tx.all(select(Relay).order_by(col(Relay.id)))],
                len(await journal.since(tx, self.campaign_id, 0)),
                len(await tx.all(select(Confirmation))),
                len(await tx.all(select(AuditEntry))),
            ]

    async def said(self) -> list[Confirmation]:
        async with self.db.read() as tx:
            return await tx.all(select(Confirmation).order_by(col(Confirmation.at), col(Confirmation.id)))


async def center(db: Database, name: str = "阳光社区", *, timezone: str | None = "Asia/Shanghai") -> str:
    center_id = ids.new("cen")
    async with db.write() as tx:
        await tx.add(Center(id=center_id, name=name, timezone=timezone, created_at=tx.now))
    return center_id


async def campaign(db: Database, center_id: str, title: str = "春季运动会通知") -> str:
    campaign_id = ids.new("cmp")
    async with db.write() as tx:
        await tx.add(
            Campaign(
                id=campaign_id,
                center_id=center_id,
                title=title,
                state=Control.RUNNING,
                texts={"": TEXT},
                variables={},
                audience={},
                route=RouteChoice.AUTO,
                priority=Priority.NORMAL,
                relay_minutes=60,
                min_gap_s=2,
                max_gap_s=8,
                escalation=[{"at_percent": 75, "action": "remind"}],
                seed="seed",
                created_at=tx.now,
                created_by="test",
            )
        )
    return campaign_id


async def leader(db: Database, center_id: str, name: str = "李梅", *, language: str | None = "zh") -> str:
    leader_id = ids.new("ldr")
    async with db.write() as tx:
        await tx.add(
            Leader(
                id=leader_id,
                center_id=center_id,
                name=name,
                name_key=f"{name}{leader_id}",
                contact_kind="telegram",
                contact="5001",
                language=language,
                created_at=tx.now,
                updated_at=tx.now,
            )
        )
    return leader_id


async def relay(
    db: Database,
    center_id: str,
    *,
    campaign_id: str,
    leader_id: str,
    group: str = "朝阳一群",
    text: str = TEXT,
    platform: str = "manual",
    deadline_at: datetime | None = None,
    **values: Any,
) -> str:
    """A group with its relay, handed off to the leader now, due in two hours."""
    group_id, text_id, relay_id = ids.new("grp"), ids.new("txt"), ids.new("rel")
    async with db.write() as tx:
        await tx.add(
            Group(
                id=group_id,
                center_id=center_id,
                name=group,
                platform=platform,
                address=group_id,
                address_key=group_id,
                tags=[],
                routes=["leader"],
                status=GroupStatus.ACTIVE,
                created_at=tx.now,
                updated_at=tx.now,
            )
        )
        await tx.add(CampaignText(id=text_id, campaign_id=campaign_id, body=text))
        row: dict[str, Any] = {
            "id": relay_id,
            "center_id": center_id,
            "campaign_id": campaign_id,
            "group_id": group_id,
            "state": State.ASSIGNED,
            "route": Route.LEADER,
            "text_id": text_id,
            "leader_id": leader_id,
            "starts_at": tx.now,
            "deadline_at": deadline_at or tx.now + timedelta(hours=2),
            "next_step_at": tx.now + timedelta(minutes=90),
            "assigned_at": tx.now,
            "changed_at": tx.now,
        }
        await tx.add(Relay(**{**row, **values}))
    return relay_id


async def link(db: Database, center_id: str, *, campaign_id: str, leader_id: str, hours: float = 48) -> str:
    async with db.write() as tx:
        token = await links.mint(
            tx,
            center_id=center_id,
            campaign_id=campaign_id,
            leader_id=leader_id,
            expires_at=tx.now + timedelta(hours=hours),
        )
    return token.text


async def handed(
    db: Database,
    groups: Sequence[str] = ("朝阳一群", "朝阳二群", "望京跑步群"),
    *,
    name: str = "李梅",
    language: str | None = "zh",
    center_name: str = "阳光社区",
    title: str = "春季运动会通知",
    text: str = TEXT,
) -> Handed:
    """A center with one running campaign and one leader who was asked for these groups."""
    center_id = await center(db, center_name)
    campaign_id = await campaign(db, center_id, title)
    leader_id = await leader(db, center_id, name, language=language)
    common: dict[str, Any] = {"campaign_id": campaign_id, "leader_id": leader_id}
    relays = [await relay(db, center_id, group=group, text=text, **common) for group in groups]
    return Handed(db, center_id, campaign_id, leader_id, relays, await link(db, center_id, **common))
