"""Groups: one chat group each, with its address, its place in the tree and its routes."""

from datetime import datetime
from typing import Annotated, Literal, cast

from fastapi import APIRouter, Query, status
from pydantic import AfterValidator, Field, SecretStr

from app.api.deps import KitDep, Operator, Reader
from app.api.shapes import Body, Count, Cursor, Id, Limit, Listing, Shape
from app.core.errors import Invalid
from app.core.text import Line, Name, comparable
from app.domain.directory.rules import ADDRESS_MOST, TAGS_MOST
from app.domain.directory.rules.sheet import read_secret
from app.domain.directory.rules.sieve import Sieve
from app.domain.directory.service import groups
from app.domain.directory.states import GroupStatus, Health
from app.flows.keep_group import Fields, change_group, create_group

router = APIRouter(prefix="/groups", tags=["directory"])

Reason = Annotated[Line, Field(max_length=200)]


def _secret(secret: SecretStr) -> SecretStr:
    return SecretStr(read_secret(secret.get_secret_value()))


class GroupBody(Body):
    """The sheet's columns. `account` names an account, `account_id` is its id; `branch` is a path like
    `East/Shanghai`, `branch_id` an id. `null` clears a field."""

    address: Annotated[Line, Field(max_length=ADDRESS_MOST)] | None = None
    account: Name | None = None
    account_id: Id | None = None
    branch: Line | None = None
    branch_id: Id | None = None
    members: Count | None = None
    tags: Annotated[list[Line], Field(max_length=TAGS_MOST)] = Field(default_factory=list)
    timezone: Annotated[Line, Field(max_length=64)] | None = None
    language: Annotated[Line, Field(max_length=32)] | None = None
    routes: Annotated[list[Line], Field(max_length=10)] = Field(default_factory=list)
    secret: Annotated[SecretStr, Field(min_length=1, max_length=500), AfterValidator(_secret)] | None = None
    status: GroupStatus = GroupStatus.ACTIVE

    def fields(self) -> Fields:
        found = {name: getattr(self, name) for name in self.model_fields_set if name in Fields.__annotations__}
        if self.secret is not None:
            found["secret"] = self.secret.get_secret_value()
        return cast("Fields", found)


class NewGroup(GroupBody):
    name: Name
    platform: Name


class GroupChanges(GroupBody):
    """What to change; an absent field stays. `reason` says why the status is what it is; `health: "sound"` that
    the account is in the group again."""

    name: Name = "-"
    reason: Reason = ""
    health: Literal[Health.SOUND] = Health.SOUND


class StatusChange(Body):
    """Which groups (`groups` by id, `tags`, `branch` with all below it: united, at least one of them), their new
    status, and why; only waking needs no reason. Archived groups change only where they are named by id."""

    groups: Annotated[list[Id], Field(max_length=10_000)] = Field(default_factory=list)
    tags: Annotated[list[Annotated[Line, Field(min_length=1)]], Field(max_length=100)] = Field(default_factory=list)
    branch: Id | None = None
    status: GroupStatus
    reason: Reason = ""

    def sound(self) -> None:
        """Raises Invalid."""
        if not (self.groups or self.tags or self.branch):
            raise Invalid.field("/groups", "Name groups, tags or a branch.")
        if self.status is not GroupStatus.ACTIVE and not self.reason:
            raise Invalid.field("/reason", "Say why these groups are not posted to any more.")


class StatusChanged(Shape):
    """How many groups had another status before."""

    status: GroupStatus
    changed: int


class GroupShape(Shape):
    """A group. `address` is masked where it is a credential; the group's own secret never comes out."""

    id: str
    name: str
    platform: str
    address: str
    account_id: str | None
    branch_id: str | None
    members: int | None
    tags: list[str]
    timezone: str | None
    language: str | None
    routes: list[str]
    status: GroupStatus
    status_reason: str
    health: Health
    health_reason: str
    health_since: datetime | None
    created_at: datetime
    updated_at: datetime


@router.post("", status_code=status.HTTP_201_CREATED)
async def create(kit: KitDep, caller: Operator, body: NewGroup) -> GroupShape:
    """A group. Without `routes` it gets `bot` and `leader`, a manual one `leader`."""
    made = await create_group(kit, caller, comparable(body.platform), fields=body.fields())
    return GroupShape.model_validate(made)


@router.post("/status")
async def put(kit: KitDep, caller: Operator, body: StatusChange) -> StatusChanged:
    """Let many groups sleep (`dormant`), rest for good (`archived`) or wake (`active`). What was launched before keeps
    its groups."""
    body.sound()
    async with kit.db.write() as tx:
        changed = await groups.put(
            tx,
            caller.center_id,
            branches=[body.branch] if body.branch else [],
            tags=body.tags,
            groups=body.groups,
            status=body.status,
            reason=body.reason,
            actor=caller.actor,
        )
    return StatusChanged(status=body.status, changed=changed)


@router.get("")
async def listed(
    kit: KitDep,
    caller: Reader,
    branch: Annotated[Id | None, Query(description="An id: this branch and everything below it.")] = None,
    tag: Annotated[Line | None, Query()] = None,
    platform: Annotated[Line | None, Query()] = None,
    status: Annotated[GroupStatus | None, Query()] = None,
    q: Annotated[Line | None, Query(description="A part of the name.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Listing[GroupShape]:
    """The center's groups, as far as every filter lets them through."""
    sieve = Sieve(branch=branch, tag=tag, platform=platform, status=status, q=q)
    async with kit.db.read() as tx:
        page = await groups.listed(tx, caller.center_id, sieve, limit=limit, cursor=cursor)
    return Listing(items=[GroupShape.model_validate(each) for each in page.items], next_cursor=page.next_cursor)


@router.get("/{group_id}")
async def one(kit: KitDep, caller: Reader, group_id: Id) -> GroupShape:
    async with kit.db.read() as tx:
        return GroupShape.model_validate(await groups.one(tx, caller.center_id, group_id))


@router.patch("/{group_id}")
async def patch(kit: KitDep, caller: Operator, group_id: Id, body: GroupChanges) -> GroupShape:
    """Change a group. What was launched before keeps the facts it was launched with."""
    return GroupShape.model_validate(await change_group(kit, caller, group_id, body.fields()))


@router.delete("/{group_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete(kit: KitDep, caller: Operator, group_id: Id) -> None:
    """Remove a group no campaign ever went to; one with a history is archived instead (`status`)."""
    async with kit.db.write() as tx:
        await groups.remove(tx, await groups.one(tx, caller.center_id, group_id), actor=caller.actor)
