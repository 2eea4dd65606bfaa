"""Builders for the directory: a center, a Kit without a network, sheets as bytes."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from cryptography.fernet import Fernet

from app.channels.registry import channels
from app.core import ids
from app.core.addresses import Guard
from app.core.db import Database, Tx
from app.core.http import HttpClient
from app.core.jobs import NoQueue
from app.core.secrets import Vault
from app.core.settings import Settings
from app.domain.access.tables import Center
from app.domain.directory import rules
from app.domain.directory.service import groups, people, tree
from app.domain.directory.service.groups import NewGroup
from app.domain.directory.states import Vanished
from app.domain.directory.tables import Branch, Group, Leader
from app.flows.import_sheet import import_sheet
from app.flows.kit import Kit

HEADER = "group,platform,address,branch,leader,leader_contact,deputies,members,tags,timezone,language,routes"


async def center(db: Database, center_id: str = "cen_1") -> str:
    async with db.write() as tx:
        await tx.add(Center(id=center_id, name=center_id, created_at=tx.now))
    return center_id


def kit_on(db: Database, *, allowed: Sequence[str] = ()) -> Kit:
    """A Kit on this database; nobody may speak to the network through it."""
    settings = Settings(allowed_hosts=tuple(allowed), _env_file=None)
    http = HttpClient(Guard())
    vault = Vault([Fernet.generate_key().decode()])
    return Kit(settings=settings, db=db, clock=db.clock, queue=NoQueue(), vault=vault, http=http, channels=channels())


def sheet(header: str, *rows: Sequence[str]) -> bytes:
    """A CSV file in UTF-8; the header with commas."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header.split(","))
    writer.writerows(rows)
    return text.getvalue().encode()


async def bring_in(
    kit: Kit,
    content: bytes,
    *,
    save: bool = True,
    partial: bool = False,
    center_id: str = "cen_1",
    fate: Vanished = Vanished.KEEP,
) -> dict[str, Any]:
    """Import these bytes."""
    return await import_sheet(
        kit,
        io.BytesIO(content),
        center_id=center_id,
        actor="key:test",
        filename="groups.csv",
        dry_run=not save,
        partial=partial,
        fate=fate,
    )


async def branch(tx: Tx, path: str, center_id: str = "cen_1") -> Branch:
    """The branch at this path, created below an existing one."""
    above, _, name = path.rpartition("/")
    parent = await tree.meant(tx, center_id, branch_id=None, path=above, field="parent")
    return await tree.create(tx, center_id, name=name, parent=parent, actor="test")


async def group(tx: Tx, name: str, vault: Vault, center_id: str = "cen_1", **facts: Any) -> Group:
    """A manual group without an address, unless the facts say more."""
    told = {"platform": "manual", "address": "", "account_id": None, "branch_id": None, "routes": ("leader",), **facts}
    return await groups.create(tx, center_id, NewGroup(name=name, **told), vault=vault, actor="test")


async def leader(tx: Tx, name: str, vault: Vault, center_id: str = "cen_1", contact: str = "none") -> Leader:
    told = rules.parse_contact(contact)
    return await people.create(tx, center_id, name=name, contact=told, language=None, vault=vault, actor="test")


async def assign(tx: Tx, leader_id: str, rank: int = 0, center_id: str = "cen_1", **target: str) -> None:
    where = {"group_id": None, "branch_id": None, **target}
    await people.assign(tx, center_id, leader_id=leader_id, rank=rank, actor="test", **where)


async def deep_chain(db: Database, depth: int, center_id: str = "cen_1") -> list[str]:
    """A chain of branches, each below the one before; answers their ids from the top."""
    made, path = [ids.new("brn") for _ in range(depth)], ""
    rows = []
    for number, branch_id in enumerate(made):
        path = f"{path}/b" if path else "b"
        key = rules.stored_key(path)
        place = {"parent_id": made[number - 1] if number else None, "name": "b", "path": path, "path_key": key}
        rows.append({"id": branch_id, "center_id": center_id, **place})
    async with db.write() as tx:
        await tx.insert(Branch, [row | {"created_at": tx.now} for row in rows])
    return made
