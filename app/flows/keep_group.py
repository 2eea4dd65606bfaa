"""A group or a leader is kept by hand: held against the channels and accounts like a row of a sheet, then written."""

from collections.abc import Callable
from typing import Any, TypedDict, TypeVar

from app.core.db import Tx
from app.core.errors import Invalid
from app.core.secrets import SecretBroken
from app.domain.access.rules import Caller
from app.domain.directory import rules
from app.domain.directory.rules import BOT, Contact
from app.domain.directory.service import groups, people, tree
from app.domain.directory.service.boxes import whole_address
from app.domain.directory.service.groups import Changes, NewGroup
from app.domain.directory.states import GroupStatus, Health
from app.flows.admission import Admission, admission, settle
from app.flows.kit import Kit

T = TypeVar("T")


class Fields(TypedDict, total=False):
    """What a body says of a group, in the sheet's words. An absent field stays as it is, None clears it."""

    name: str
    address: str | None
    account: str | None
    account_id: str | None
    branch: str | None
    branch_id: str | None
    members: int | None
    tags: list[str]
    timezone: str | None
    language: str | None
    routes: list[str]
    secret: str | None
    status: GroupStatus
    reason: str
    health: Health


async def create_group(kit: Kit, caller: Caller, platform: str, *, fields: Fields) -> groups.Row:
    """The new group's row; `fields` has at least a name. Raises Invalid, Conflict."""
    async with kit.db.write() as tx:
        await tree.begin(tx, caller.center_id)
        admitting = await admission(tx, kit, caller.center_id)
        if platform not in admitting.platforms:
            known = ", ".join(sorted(admitting.platforms))
            raise Invalid.field("/platform", f"This platform is unknown; the known ones are {known}.")
        given = await _checked(tx, caller.center_id, admitting, platform=platform, fields=fields)
        routes = given.get("routes", rules.routes((), platform=platform))
        _addressed(given.get("address", ""), routes)
        chosen = _account(admitting, platform, given.get("address", ""), fields, routes=routes)
        new = NewGroup(
            name=fields["name"],
            platform=platform,
            address=given.get("address", ""),
            account_id=await settle(tx, caller.center_id, platform, chosen),
            branch_id=given.get("branch_id"),
            routes=routes,
            members=given.get("members"),
            tags=given.get("tags", ()),
            timezone=given.get("timezone"),
            language=given.get("language"),
            secret=given.get("secret", ""),
            status=given.get("status", GroupStatus.ACTIVE),
        )
        return await groups.create(tx, caller.center_id, new, vault=kit.vault, actor=caller.actor)


async def change_group(kit: Kit, caller: Caller, group_id: str, fields: Fields) -> groups.Row:
    """The group's row after the change. Raises NotFound, Invalid, Conflict."""
    async with kit.db.write() as tx:
        await tree.begin(tx, caller.center_id)
        group = await groups.one(tx, caller.center_id, group_id)
        admitting = await admission(tx, kit, caller.center_id)
        changes = await _checked(tx, caller.center_id, admitting, platform=group.platform, fields=fields)
        routes = changes.get("routes", tuple(group.routes))
        _addressed(changes.get("address", group.address), routes)
        if fields.keys() & {"account", "account_id"} or (BOT in routes and group.account_id is None):
            address = changes["address"] if "address" in changes else _standing(kit, group)
            chosen = _account(admitting, group.platform, address, fields, routes=routes)
            changes["account_id"] = await settle(tx, caller.center_id, group.platform, chosen)
        elif "address" in changes and group.account_id is not None:
            kept = Fields(account_id=group.account_id)
            fresh = changes["address"]
            _or_invalid("/address", lambda: _named(admitting, group.platform, fresh, kept, routes=routes))
        return await groups.change(tx, group, changes, vault=kit.vault, actor=caller.actor)


def _standing(kit: Kit, group: groups.Row) -> str:
    """The group's address as it stands; empty where no key opens it any more, for then a new one will follow."""
    try:
        return whole_address(kit.vault, group)[0]
    except SecretBroken:
        return ""


def _addressed(address: str, routes: tuple[str, ...]) -> None:
    if BOT in routes and not address:
        raise Invalid.field("/address", "The route `bot` needs the group's address.")


async def _checked(tx: Tx, center_id: str, admitting: Admission, *, platform: str, fields: Fields) -> Changes:
    """The fields as the directory takes them, but for the account."""
    found = Changes()
    for plain in fields.keys() & {"name", "members", "status", "reason", "health"}:
        found[plain] = fields[plain]  # type: ignore[literal-required]
    for optional, read in (("timezone", rules.timezone), ("language", rules.language)):
        if optional in fields:
            text = fields[optional]  # type: ignore[literal-required]
            found[optional] = _or_invalid(f"/{optional}", read, text) if text else None  # type: ignore[literal-required]
    if "address" in fields:
        found["address"] = _or_invalid("/address", rules.clean_address, platform, fields["address"] or "")
        if problem := admitting.address_problem(platform, found["address"]):
            raise Invalid.field("/address", problem)
    if "routes" in fields:
        found["routes"] = _or_invalid("/routes", lambda: rules.routes(fields["routes"], platform=platform))
    if "tags" in fields:
        found["tags"] = _or_invalid("/tags", rules.tags, fields["tags"])
    if "secret" in fields:
        found["secret"] = fields["secret"] or ""
    if fields.keys() & {"branch", "branch_id"}:
        wanted = fields.get("branch_id"), fields.get("branch")
        branch = await tree.meant(tx, center_id, branch_id=wanted[0], path=wanted[1], field="branch")
        found["branch_id"] = branch.id if branch else None
    return found


def _account(
    admitting: Admission, platform: str, address: str, fields: Fields, *, routes: tuple[str, ...]
) -> str | None:
    return _or_invalid("/account", lambda: _named(admitting, platform, address, fields, routes=routes))


def _named(admitting: Admission, platform: str, address: str, fields: Fields, *, routes: tuple[str, ...]) -> str | None:
    """Raises ValueError, and Invalid for an id nobody has."""
    name, account_id = fields.get("account") or "", fields.get("account_id")
    if account_id and not name:
        names = {account.id: account.name for account in admitting.accounts.values()}
        if account_id not in names:
            raise Invalid.field("/account_id", "There is no such account.")
        name = names[account_id]
    return admitting.account(platform, name, address, routes=routes)


def _or_invalid(pointer: str, read: Callable[..., T], *texts: Any) -> T:
    try:
        return read(*texts)
    except ValueError as error:
        raise Invalid.field(pointer, str(error)) from error


async def create_leader(kit: Kit, caller: Caller, name: str, *, contact: Contact, language: str | None) -> people.Row:
    """The new leader's row. Raises Invalid, Conflict."""
    async with kit.db.write() as tx:
        await _reachable(tx, kit, caller, contact)
        return await people.create(
            tx, caller.center_id, name=name, contact=contact, language=language, vault=kit.vault, actor=caller.actor
        )


async def change_leader(kit: Kit, caller: Caller, leader_id: str, changes: people.Changes) -> people.Row:
    """The leader's row after the change. Raises NotFound, Invalid, Conflict."""
    async with kit.db.write() as tx:
        leader = await people.one(tx, caller.center_id, leader_id)
        if "contact" in changes:
            await _reachable(tx, kit, caller, changes["contact"])
        return await people.change(tx, leader, changes, vault=kit.vault, actor=caller.actor)


async def _reachable(tx: Tx, kit: Kit, caller: Caller, contact: Contact) -> None:
    if problem := (await admission(tx, kit, caller.center_id)).contact_problem(contact):
        raise Invalid.field("/contact", problem)
