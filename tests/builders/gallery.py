"""A center to look at: a tree of branches, people, groups on several platforms, and campaigns in every stage, put into
the database as rows. Chance is seeded, so that two pictures of it are alike."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import select

from app.core import ids
from app.core.db import Database, Tx
from app.domain.access.tables import Center
from app.domain.accounts.states import Status
from app.domain.accounts.tables import Account
from app.domain.campaigns.states import Priority, RouteChoice
from app.domain.campaigns.states import State as Control
from app.domain.campaigns.tables import Campaign, CampaignGroup, CampaignText
from app.domain.deliveries.tables import Lane
from app.domain.directory.states import GroupStatus
from app.domain.directory.tables import Assignment, Branch, Group, Leader
from app.domain.escalation.rules import DEFAULT, stamp
from app.domain.relays.states import State
from app.domain.relays.tables import Relay
from app.domain.shards import store as shards
from tests.builders.gallery_ledger import ledger

REGIONS = {
    "朝阳区": ("望京", "三里屯", "双井"),
    "海淀区": ("五道口", "中关村", "上地"),
    "Riverside": ("North", "South"),
}
PEOPLE = ("李梅", "王强", "赵敏", "陈静", "刘洋", "周婷", "吴磊", "孙悦", "Anna Keller", "Tom Reed", "何欢", "郑爽")
BOTS = {"telegram": "公告机器人", "wecom": "企业微信机器人", "feishu": "飞书通知"}
TEXT = "【停水通知】今晚 22:00 至明早 5:00 停水检修，请提前储水。\n收到请在群里回复“1”。"


@dataclass
class Gallery:
    """The ids of what was made; `groups` are the rows, `leaders` the ids in order, `relay` is one that failed."""

    db: Database
    center_id: str
    groups: list[dict[str, Any]] = field(default_factory=list)
    leaders: list[str] = field(default_factory=list)
    accounts: dict[str, str] = field(default_factory=dict)
    campaigns: dict[str, str] = field(default_factory=dict)
    relay: str = ""


STAGES: dict[str, tuple[str, timedelta, float, float]] = {
    "running": ("停水通知：今晚 22:00 起", timedelta(minutes=-130), 180, 0.72),
    "finished": ("春季运动会报名", timedelta(hours=-23), 120, 1.0),
    "scheduled": ("周末志愿者招募", timedelta(hours=5), 180, 0.0),
    "later": ("物业费缴纳提醒", timedelta(hours=28), 300, 0.0),
    "draft": ("新春联欢会", timedelta(hours=50), 240, 0.0),
}
"""Title, begin from now on, minutes to relay, and how much of it has happened."""


async def gallery(db: Database, *, groups: int = 240, keys: Sequence[str] = tuple(STAGES)) -> Gallery:
    """A center with a campaign half way, one that is over, two still to come and a draft, or those of them named."""
    chance = random.Random(7)
    made = Gallery(db, ids.new("cen"))
    async with db.write() as tx:
        await shards.lay_out(tx)
        await tx.add(Center(id=made.center_id, name="阳光社区", timezone="Asia/Shanghai", created_at=tx.now))
        await _directory(tx, made, groups)
    async with db.write() as tx:
        for key in keys:
            title, begins, minutes, so_far = STAGES[key]
            window = 480 if key == "draft" else 30  # the draft's goes on into the night
            await campaign(tx, made, key, title, starts_at=tx.now + begins, minutes=minutes, window=window)
            if key in {"running", "finished", "scheduled"}:
                await ledger(tx, made.campaigns[key], made.groups, made.leaders, chance, so_far=so_far)
    async with db.read() as tx:
        made.relay = next(iter(await tx.all(select(Relay.id).where(Relay.state == State.FAILED).limit(1))), "")
    return made


async def _directory(tx: Tx, made: Gallery, count: int) -> None:
    common = {"center_id": made.center_id, "created_at": tx.now}
    people = [
        {"id": ids.new("ldr"), "name": name, "name_key": name.lower(), "contact_kind": "telegram", "contact": "5001"}
        for name in PEOPLE
    ]
    await tx.insert(Leader, [{**common, **one, "updated_at": tx.now} for one in people])
    made.leaders += [str(one["id"]) for one in people]
    for platform, name in BOTS.items():
        made.accounts[platform] = ids.new("acc")
        row = {"id": made.accounts[platform], "name": name, "name_key": name, "platform": platform}
        await tx.add(Account(**common, **row, channel=platform, status=Status.ACTIVE, updated_at=tx.now))
    leaves: list[str] = []
    for region, towns in REGIONS.items():
        top = Branch(id=ids.new("brn"), name=region, path=region, path_key=region.lower(), **common)
        await tx.add(top)
        for town in towns:
            path = f"{region}/{town}"
            leaf = Branch(id=ids.new("brn"), parent_id=top.id, name=town, path=path, path_key=path.lower(), **common)
            await tx.add(leaf)
            leaves.append(leaf.id)
    made.groups += [_group(tx, made, number, leaves) for number in range(count)]
    await tx.insert(Group, made.groups)
    rows = []
    for number, group in enumerate(made.groups):
        for rank in (0, 1):
            leader_id = made.leaders[(number + rank * 5) % len(PEOPLE)]
            rows.append({"id": ids.new("asg"), "leader_id": leader_id, "group_id": group["id"], "rank": rank})
    await tx.insert(Assignment, [{"center_id": made.center_id, **row} for row in rows])


def _group(tx: Tx, made: Gallery, number: int, leaves: list[str]) -> dict[str, Any]:
    platform = ("manual", "telegram", "manual", "wecom", "manual", "feishu")[number % 6]
    bot = platform != "manual"
    group_id = ids.new("grp")
    return {
        "id": group_id,
        "center_id": made.center_id,
        "name": f"{('业主群', '跑步群', '家长群', '志愿者群')[number % 4]} {number + 1}",
        "platform": platform,
        "address": f"-100{number:07}",
        "address_key": group_id,
        "account_id": made.accounts[platform] if bot else None,
        "branch_id": leaves[number % len(leaves)],
        "members": 60 + number % 140,
        "tags": [],
        "timezone": None,
        "language": "en" if number % 9 == 8 else "zh",
        "routes": ["bot", "leader"] if bot else ["leader"],
        "activity": [],
        "status": GroupStatus.ACTIVE,
        "status_reason": "",
        "created_at": tx.now,
        "updated_at": tx.now,
    }


async def campaign(
    tx: Tx, made: Gallery, key: str, title: str, *, starts_at: datetime, minutes: float = 180, window: float = 30
) -> None:
    """A campaign to every group, frozen unless it is the draft."""
    made.campaigns[key] = campaign_id = ids.new("cmp")
    begun, draft = starts_at <= tx.now, key == "draft"
    state = Control.DRAFT if draft else Control.RUNNING if begun else Control.SCHEDULED
    frozen = {"launched_at": tx.now, "starts_at": starts_at, "planned_at": tx.now if begun else None}
    frozen["ends_at"] = starts_at + timedelta(minutes=window + minutes)
    await tx.add(
        Campaign(
            id=campaign_id,
            center_id=made.center_id,
            title=title,
            state=state,
            texts={"": TEXT},
            variables={},
            audience={},
            route=RouteChoice.AUTO,
            priority=Priority.NORMAL,
            send_at=None if begun else starts_at,
            window_minutes=window,
            relay_minutes=minutes,
            min_gap_s=2,
            max_gap_s=8,
            escalation=stamp(DEFAULT),
            seed="seed",
            created_at=tx.now,
            created_by="key:head",
            audience_count=0 if draft else len(made.groups),
            **({} if draft else frozen),
        )
    )
    await tx.add(CampaignText(id=f"txt_{campaign_id[4:]}", campaign_id=campaign_id, body=TEXT))
    if not draft:
        await _frozen(tx, made, campaign_id)


async def _frozen(tx: Tx, made: Gallery, campaign_id: str) -> None:
    names = ("name", "platform", "address_key", "account_id", "branch_id", "members", "timezone", "language", "routes")
    rows = [
        {"campaign_id": campaign_id, "group_id": one["id"], **{name: one[name] for name in names}}
        for one in made.groups
    ]
    await tx.insert(CampaignGroup, rows)
    lane = {"campaign_id": campaign_id, "center_id": made.center_id, "shard": 0, "rank": 1}
    pause = {"min_gap_s": 2, "max_gap_s": 8, "seed": "seed"}
    await tx.insert(Lane, [{**lane, **pause, "account_id": one} for one in made.accounts.values()])
