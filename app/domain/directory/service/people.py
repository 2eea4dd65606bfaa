"""Leaders and their assignments, by hand."""

from typing import Any, TypedDict

from sqlalchemy.exc import IntegrityError

from app.core import audit, ids, paging
from app.core.db import Tx
from app.core.errors import Conflict, Invalid, NotFound
from app.core.secrets import Vault
from app.core.text import comparable
from app.domain.directory.rules import Contact
from app.domain.directory.service.boxes import contact_columns, same_contact
from app.domain.directory.store import absences, groups, tree
from app.domain.directory.store import leaders as store
from app.domain.directory.tables import Assignment, Leader

Row = Leader


class Changes(TypedDict, total=False):
    """What a change may hold; what is absent stays."""

    name: str
    contact: Contact
    language: str | None
    left: bool


async def one(tx: Tx, center_id: str, leader_id: str) -> Leader:
    """Raises NotFound."""
    found = await store.leader(tx, center_id, leader_id)
    if found is None:
        raise NotFound("leader_unknown", "There is no such leader.")
    return found


async def named(tx: Tx, center_id: str, name: str) -> Any | None:
    """The leader of this name as a row, or None."""
    key = comparable(name)
    return (await store.leaders_named(tx, center_id, [key])).get(key)


def reached_by(vault: Vault, leader: Any, contact: Contact) -> bool:
    """Whether this is how the leader is reached."""
    return same_contact(vault, leader, kind=leader.contact_kind, contact=contact)


async def answers(tx: Tx, leader_id: str, *, group_id: str) -> bool:
    """Whether the leader is assigned to this group itself."""
    return await store.assigned(tx, leader_id=leader_id, group_id=group_id) is not None


async def listed(tx: Tx, center_id: str, *, q: str | None, limit: int, cursor: str | None) -> paging.Page[Leader]:
    return await store.leaders_page(tx, center_id, q=q, limit=limit, cursor=cursor)


async def create(
    tx: Tx, center_id: str, *, name: str, contact: Contact, language: str | None, vault: Vault, actor: str
) -> Leader:
    """Raises Conflict where the center knows a leader of this name."""
    await tree.lock(tx, center_id)
    await _free(tx, center_id, name, besides=None)
    row = new_row(center_id, name, tx.now) | {"language": language}
    await store.insert_leaders(tx, [row | contact_columns(vault, row["id"], contact)])
    await audit.note(tx, center_id, actor=actor, action="leader.create", subject=row["id"], name=name)
    return await one(tx, center_id, row["id"])


def new_row(center_id: str, name: str, now: Any) -> dict[str, Any]:
    """A leader's columns but for the contact."""
    row = {"id": ids.new("ldr"), "center_id": center_id, "name": name, "name_key": comparable(name), "language": None}
    return row | {"created_at": now, "updated_at": now}


async def change(tx: Tx, leader: Leader, changes: Changes, *, vault: Vault, actor: str) -> Leader:
    """Raises Conflict where another leader bears the new name."""
    await tree.lock(tx, leader.center_id)
    row: dict[str, Any] = {**leader.model_dump(), "updated_at": tx.now}
    if "name" in changes:
        await _free(tx, leader.center_id, changes["name"], besides=leader.id)
        row.update(name=changes["name"], name_key=comparable(changes["name"]))
    if "contact" in changes:
        row.update(contact_columns(vault, leader.id, changes["contact"]))
    if "language" in changes:
        row["language"] = changes["language"]
    if changes.get("left") is False:
        await absences.come_back(tx, leader.id)
    await store.update_leaders(tx, [row])
    await audit.note(
        tx, leader.center_id, actor=actor, action="leader.change", subject=leader.id, changed=sorted(changes)
    )
    return await one(tx, leader.center_id, leader.id)


async def _free(tx: Tx, center_id: str, name: str, *, besides: str | None) -> None:
    for other in (await store.leaders_named(tx, center_id, [comparable(name)])).values():
        if other.id != besides:
            raise Conflict("name_taken", f"There already is a leader named “{other.name}”.")


async def forget(tx: Tx, leader: Leader, *, actor: str) -> bool:
    """Delete a leader nobody remembers; False where a campaign does."""
    try:
        await store.delete_leader(tx, leader.id)
    except IntegrityError:
        return False
    await audit.note(tx, leader.center_id, actor=actor, action="leader.delete", subject=leader.id, name=leader.name)
    return True


async def leave(tx: Tx, leader: Leader, *, actor: str) -> None:
    """A leader answers for nothing any more; the history keeps his name."""
    await absences.leave(tx, leader.id)
    await audit.note(tx, leader.center_id, actor=actor, action="leader.leave", subject=leader.id, name=leader.name)


async def assignment(tx: Tx, center_id: str, assignment_id: str) -> Assignment:
    """Raises NotFound."""
    found = await store.assignment(tx, center_id, assignment_id)
    if found is None:
        raise NotFound("assignment_unknown", "There is no such assignment.")
    return found


async def assignments(
    tx: Tx, center_id: str, *, leader: str | None, group: str | None, branch: str | None, limit: int, cursor: str | None
) -> paging.Page[Assignment]:
    return await store.assignments_page(
        tx, center_id, leader=leader, group=group, branch=branch, limit=limit, cursor=cursor
    )


async def assign(
    tx: Tx, center_id: str, *, leader_id: str, group_id: str | None, branch_id: str | None, rank: int, actor: str
) -> Assignment:
    """Let a leader answer for a group or for a branch. Raises Invalid for a stranger, Conflict for a second time."""
    await tree.lock(tx, center_id)
    if (group_id is None) == (branch_id is None):
        raise Invalid.field("/group_id", "Give either group_id or branch_id.")
    leader = await store.leader(tx, center_id, leader_id)
    if leader is None:
        raise Invalid.field("/leader_id", "There is no such leader.")
    if leader.left_at is not None:
        raise Invalid.field("/leader_id", f"{leader.name} has left; change the leader's `left` to false first.")
    if group_id and await groups.group(tx, center_id, group_id) is None:
        raise Invalid.field("/group_id", "There is no such group.")
    if branch_id and await tree.branch(tx, center_id, branch_id) is None:
        raise Invalid.field("/branch_id", "There is no such branch.")
    if await store.assigned(tx, leader_id=leader_id, group_id=group_id, branch_id=branch_id):
        raise Conflict("already_assigned", "This leader already answers for it; change the rank instead.")
    row = {"id": ids.new("asg"), "leader_id": leader_id, "group_id": group_id, "branch_id": branch_id, "rank": rank}
    await store.insert_assignments(tx, [row | {"center_id": center_id}])
    await audit.note(tx, center_id, actor=actor, action="assignment.create", subject=str(row["id"]), **row)
    return await assignment(tx, center_id, str(row["id"]))


async def rank(tx: Tx, center_id: str, assignment_id: str, *, rank: int, actor: str) -> Assignment:
    """Raises NotFound."""
    await assignment(tx, center_id, assignment_id)
    await store.rank(tx, assignment_id, rank)
    await audit.note(tx, center_id, actor=actor, action="assignment.change", subject=assignment_id, rank=rank)
    return await assignment(tx, center_id, assignment_id)


async def unassign(tx: Tx, center_id: str, assignment_id: str, *, actor: str) -> Assignment:
    """What the assignment was. Raises NotFound."""
    found = await assignment(tx, center_id, assignment_id)
    await store.delete_assignment(tx, assignment_id)
    detail = found.model_dump(include={"leader_id", "group_id", "branch_id"})
    await audit.note(tx, center_id, actor=actor, action="assignment.delete", subject=assignment_id, **detail)
    return found
