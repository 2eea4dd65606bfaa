"""Groups by hand: created, changed, switched and removed one at a time. What platform, account and address may be was
checked before (`flows.admission`)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict

from sqlalchemy.exc import IntegrityError

from app.core import audit, ids, paging
from app.core.db import Tx
from app.core.errors import Conflict, FieldError, Invalid, NotFound
from app.core.secrets import SecretBroken, Vault
from app.domain.directory import rules
from app.domain.directory.rules.sieve import Sieve
from app.domain.directory.service.boxes import address_columns, whole_address
from app.domain.directory.states import GroupStatus, Health
from app.domain.directory.store import groups as store
from app.domain.directory.store import selection, tree
from app.domain.directory.tables import Group

Row = Group


@dataclass(frozen=True)
class NewGroup:
    name: str
    platform: str
    address: str = field(repr=False)
    account_id: str | None
    branch_id: str | None
    routes: tuple[str, ...]
    members: int | None = None
    tags: tuple[str, ...] = ()
    timezone: str | None = None
    language: str | None = None
    secret: str = field(default="", repr=False)
    status: GroupStatus = GroupStatus.ACTIVE


class Changes(TypedDict, total=False):
    """What a change may hold; what is absent stays."""

    name: str
    address: str
    account_id: str | None
    branch_id: str | None
    routes: tuple[str, ...]
    members: int | None
    tags: tuple[str, ...]
    timezone: str | None
    language: str | None
    secret: str
    status: GroupStatus
    reason: str
    health: Health


async def one(tx: Tx, center_id: str, group_id: str) -> Group:
    """Raises NotFound."""
    found = await store.group(tx, center_id, group_id)
    if found is None:
        raise NotFound("group_unknown", "There is no such group.")
    return found


async def listed(tx: Tx, center_id: str, sieve: Sieve, *, limit: int, cursor: str | None) -> paging.Page[Group]:
    return await store.groups_page(tx, center_id, sieve, limit=limit, cursor=cursor)


async def create(tx: Tx, center_id: str, new: NewGroup, *, vault: Vault, actor: str) -> Group:
    """Raises Conflict where a group of the center already stands at the address."""
    await tree.lock(tx, center_id)
    group_id = ids.new("grp")
    row = {
        "id": group_id,
        "center_id": center_id,
        "name": new.name,
        "platform": new.platform,
        "account_id": new.account_id,
        "branch_id": new.branch_id,
        "members": new.members,
        "tags": list(new.tags),
        "timezone": new.timezone,
        "language": new.language,
        "routes": list(new.routes),
        "activity": [],
        "status": new.status,
        "status_reason": "",
        "created_at": tx.now,
        "updated_at": tx.now,
        **address_columns(
            vault,
            group_id,
            platform=new.platform,
            address=new.address,
            key=rules.address_key(new.platform, new.address, new.name),
            secret=new.secret,
        ),
    }
    await _free(tx, center_id, row)
    await store.insert_groups(tx, [row])
    await audit.note(
        tx, center_id, actor=actor, action="group.create", subject=group_id, name=new.name, platform=new.platform
    )
    return await one(tx, center_id, group_id)


async def change(tx: Tx, group: Group, changes: Changes, *, vault: Vault, actor: str) -> Group:
    """Raises Conflict where another group of the center already stands at the new address, or where the old one is
    wanted and no key opens it."""
    await tree.lock(tx, group.center_id)
    row: dict[str, Any] = {**group.model_dump(), "updated_at": tx.now}
    row.update({key: value for key, value in changes.items() if key not in {"address", "secret", "reason"}})
    row.update(tags=list(row["tags"]), routes=list(row["routes"]))
    if "reason" in changes or row["status"] is not group.status:
        row["status_reason"] = changes.get("reason") or f"set by {actor}"
    if {"address", "account_id", "health"} & set(changes):
        row.update(health=Health.SOUND, health_reason="", health_since=tx.now)
    if {"address", "secret"} & set(changes) or ("name" in changes and not group.address):
        address, secret = _whole(vault, group, changes)
        key = rules.address_key(group.platform, address, row["name"])
        row.update(address_columns(vault, group.id, platform=group.platform, address=address, key=key, secret=secret))
        await _free(tx, group.center_id, row)
    await store.update_groups(tx, [row])
    await audit.note(tx, group.center_id, actor=actor, action="group.change", subject=group.id, changed=sorted(changes))
    return await one(tx, group.center_id, group.id)


def _whole(vault: Vault, group: Group, changes: Changes) -> tuple[str, str]:
    """The address and the group's own secret after the change. What is changed need not be opened."""
    missing = {"address", "secret"} - set(changes)
    try:
        address, own = whole_address(vault, group) if missing else ("", {})
    except SecretBroken as broken:
        sentence = (
            "No key opens what is stored of this group's address any more: give the address anew, and its secret."
        )
        errors = [FieldError(f"/{name}", "It cannot be read any more; give it again.") for name in sorted(missing)]
        raise Conflict("address_sealed", sentence, errors=errors) from broken
    return changes.get("address", address), changes.get("secret", own.get("secret", ""))


async def _free(tx: Tx, center_id: str, row: dict[str, Any]) -> None:
    found = await store.at_addresses(tx, center_id, [(row["platform"], row["address_key"])])
    for other in found.values():
        if other.id != row["id"]:
            raise Conflict("address_taken", f"The group “{other.name}” already stands at this address.")


async def put(
    tx: Tx,
    center_id: str,
    *,
    branches: Sequence[str],
    tags: Sequence[str],
    groups: Sequence[str],
    status: GroupStatus,
    reason: str,
    actor: str,
) -> int:
    """Give many groups a status; answers how many had another one. Raises Invalid for a branch or group that is not
    this center's."""
    await tree.lock(tx, center_id)
    for kind, stranger in await selection.unknown(tx, center_id, branches=branches, groups=groups):
        pointer = "/branch" if kind == "branch" else f"/groups/{list(groups).index(stranger)}"
        raise Invalid.field(pointer, "There is no such thing in this center.")
    which = selection.to_put(center_id, branches=branches, tags=tags, groups=groups)
    count = await store.set_status(tx, which, status=status, reason=reason or f"set by {actor}")
    named = {"branches": list(branches), "tags": list(tags), "groups": len(groups), "reason": reason}
    await audit.note(
        tx, center_id, actor=actor, action="groups.status", subject=center_id, status=status, changed=count, **named
    )
    return count


async def remove(tx: Tx, group: Group, *, actor: str) -> None:
    """Raises Conflict where a campaign remembers the group: then it can be archived."""
    try:
        await store.delete_group(tx, group.id)
    except IntegrityError:
        raise Conflict(
            "group_in_use", f"Campaigns went to “{group.name}”, and their history needs it; archive it instead."
        ) from None
    await audit.note(tx, group.center_id, actor=actor, action="group.delete", subject=group.id, name=group.name)
