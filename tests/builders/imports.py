"""Sheets to import, and what stands in the directory afterwards."""

from typing import Any

from sqlalchemy import func
from sqlmodel import SQLModel, select

from app.domain.accounts.tables import Account
from app.domain.directory import store
from app.domain.directory.tables import Assignment, Branch, Group, GroupTag, Leader
from app.flows.kit import Kit
from tests.builders.directory import HEADER, sheet

ROBOT = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0123abcd-4567-89ab-cdef-0123456789ab"
HOOK = "https://hooks.example.com/a"
TWO = sheet(
    HEADER,
    ["上海一群", "wecom", ROBOT, "East/Shanghai", "王芳", "telegram:17", "李强;赵磊", "120", "VIP;new", "Asia/Shanghai",
     "zh", ""],
    ["Desk", "webhook", HOOK, "East", "Ann", "webhook:https://hooks.example.com/ann-private", "", "", "", "",
     "en", "bot"],
    ["三班家长群", "微信", "", "East/Shanghai", "王芳", "", "", "45", "", "", "", ""],
)  # fmt: skip


async def count(kit: Kit, table: type[SQLModel]) -> int:
    async with kit.db.read() as tx:
        return int((await tx.table(select(func.count()).select_from(table)))[0][0])


async def standing(kit: Kit) -> dict[str, int]:
    tables = (Account, Assignment, Branch, Group, GroupTag, Leader)
    return {table.__name__: await count(kit, table) for table in tables}


async def by_name(kit: Kit) -> dict[str, Group]:
    async with kit.db.read() as tx:
        return {group.name: group for group in await tx.all(select(Group))}


async def answers(kit: Kit, group: Group) -> list[str]:
    async with kit.db.read() as tx:
        found = (await store.answering(tx, "cen_1", [group.id]))[group.id]
        names = {person.id: person.name for person in await store.people(tx, found)}
    return [names[each] for each in found]


def some(report: dict[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(report[name] for name in names)


def flaws(report: dict[str, Any]) -> list[tuple[int, str, str]]:
    return [(flaw["row"], flaw["column"], flaw["code"]) for flaw in report["errors"]]
