"""The directory as its sheet: one row per group with its people, and no credential in any cell."""

from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlmodel import col

from app.core.db import Tx
from app.domain.accounts.tables import Account
from app.domain.directory import rules
from app.domain.directory.states import GroupStatus
from app.domain.directory.tables import Assignment, Branch, Group, Leader

SLICE = 1_000
"""Groups read at once."""


@dataclass(frozen=True)
class SheetRow:
    """One line of the directory sheet, its columns in the sheet's order. An `address` or a `leader_contact` that is
    a credential is left empty; `withheld` counts them."""

    group: str
    platform: str
    address: str
    account: str
    branch: str
    leader: str
    leader_contact: str
    deputies: tuple[str, ...]
    members: int | None
    tags: tuple[str, ...]
    timezone: str
    language: str
    routes: tuple[str, ...]
    withheld: int


async def size(tx: Tx, center_id: str) -> int:
    """How many groups the sheet will have."""
    rows = await tx.table(select(func.count()).select_from(Group).where(*_standing(center_id)))
    return int(rows[0][0])


async def slices(tx: Tx, center_id: str) -> AsyncIterator[list[SheetRow]]:
    """Every group that is not archived, by id, some at a time, so that a sheet of any length needs little memory."""
    after = ""
    while True:
        groups = await tx.table(
            select(
                *(col(getattr(Group, name)) for name in ("id", "name", "platform", "address", "members", "tags")),
                *(col(getattr(Group, name)) for name in ("timezone", "language", "routes")),
                col(Account.name).label("account"),
                col(Branch.path).label("branch"),
            )
            .outerjoin(Account, col(Account.id) == col(Group.account_id))
            .outerjoin(Branch, col(Branch.id) == col(Group.branch_id))
            .where(*_standing(center_id), col(Group.id) > after)
            .order_by(col(Group.id))
            .limit(SLICE)
        )
        if not groups:
            return
        people = await _people(tx, [group.id for group in groups])
        yield [_row(group, people[group.id]) for group in groups]
        after = groups[-1].id


def _standing(center_id: str) -> tuple[Any, ...]:
    return (col(Group.center_id) == center_id, col(Group.status) != GroupStatus.ARCHIVED)


async def _people(tx: Tx, group_ids: list[str]) -> dict[str, list[Any]]:
    """The leaders assigned to each group itself, by rank."""
    found: dict[str, list[Any]] = defaultdict(list)
    query: Select[*tuple[Any, ...]] = (
        select(
            col(Assignment.group_id).label("group_id"), col(Leader.name), col(Leader.contact_kind), col(Leader.contact)
        )
        .join(Leader, col(Leader.id) == col(Assignment.leader_id))
        .where(col(Assignment.group_id).in_(group_ids))
        .order_by(col(Assignment.rank), col(Assignment.id))
    )
    for person in await tx.table(query):
        found[person.group_id].append(person)
    return found


def _row(group: Any, people: list[Any]) -> SheetRow:
    first = people[0] if people else None
    secret_address = rules.is_credential(group.platform, group.address)
    secret_contact = first is not None and rules.Contact(first.contact_kind).secret
    return SheetRow(
        group=group.name,
        platform=group.platform,
        address="" if secret_address else group.address,
        account=group.account or "",
        branch=group.branch or "",
        leader=first.name if first else "",
        leader_contact=_contact(first.contact_kind, first.contact) if first and not secret_contact else "",
        deputies=tuple(person.name for person in people[1:]),
        members=group.members,
        tags=tuple(group.tags),
        timezone=group.timezone or "",
        language=group.language or "",
        routes=tuple(group.routes),
        withheld=secret_address + secret_contact,
    )


def _contact(kind: str, shown: str) -> str:
    return f"{kind}:{shown}" if shown else kind
