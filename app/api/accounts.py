"""Accounts: sending credentials go in, only a hint comes out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, Self

from fastapi import APIRouter, status
from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from app.api.deps import KitDep, Operator, Owner, Reader
from app.api.shapes import Body, Cursor, Flag, Id, Limit, Listing, Shape
from app.core.limits import Period, Scope
from app.core.text import Line, Name, single_line
from app.domain.accounts import service
from app.domain.accounts.rules import OwnLimit
from app.domain.accounts.service import Changes, NewAccount
from app.domain.accounts.states import Status
from app.flows import accounts

router = APIRouter(prefix="/accounts", tags=["accounts"])


def _one_line(secret: SecretStr) -> SecretStr:
    kept = single_line(secret.get_secret_value())
    if not kept:
        raise ValueError("is empty")
    return SecretStr(kept)


Secret = dict[
    Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")],
    Annotated[SecretStr, Field(min_length=1, max_length=4096), AfterValidator(_one_line)],
]
BaseUrl = Annotated[Line, Field(min_length=1, max_length=500)]


class AccountLimit(Body):
    """At most `count` sends in any `per_seconds`, or in each calendar `period`. It may only lower what the platform
    publishes, unless `higher_quota` says that the platform granted this account more."""

    scope: Literal["account", "chat"]
    count: Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
    per_seconds: Annotated[float, Field(strict=True, gt=0, le=86_400)] | None = None
    period: Literal["day", "month"] | None = None
    higher_quota: Flag = False

    @field_validator("period")
    @classmethod
    def _one_of_two(cls, period: str | None, info: ValidationInfo) -> str | None:
        if period is not None and info.data.get("per_seconds") is not None:
            raise ValueError("stands beside per_seconds; a limit has one of the two")
        return period

    @model_validator(mode="after")
    def _at_least_one(self) -> Self:
        if self.per_seconds is None and self.period is None:
            raise ValueError("needs per_seconds or period")
        return self

    def rule(self) -> OwnLimit:
        period = Period(self.period) if self.period else None
        return OwnLimit(Scope(self.scope), self.count, self.per_seconds, self.higher_quota, period)


Limits = Annotated[list[AccountLimit], Field(max_length=20)]


class NewAccountBody(Body):
    name: Name
    platform: Name
    base_url: BaseUrl | None = None
    secret: Annotated[Secret, Field(max_length=16, default_factory=dict)]
    limits: Limits | None = None


class AccountChanges(Body):
    """What to change; an absent field stays. `null` clears `base_url` and `limits`, and changes nothing else."""

    name: Name | None = None
    base_url: BaseUrl | None = None
    secret: Annotated[Secret, Field(max_length=16)] | None = None
    limits: Limits | None = None
    status: Literal[Status.ACTIVE, Status.OFF] | None = None

    def changes(self) -> Changes:
        found = Changes()
        if self.name is not None:
            found["name"] = self.name
        if "base_url" in self.model_fields_set:
            found["base_url"] = self.base_url
        if self.secret is not None:
            found["secret"] = _revealed(self.secret)
        if "limits" in self.model_fields_set:
            found["limits"] = _rules(self.limits)
        if self.status is not None:
            found["status"] = self.status
        return found


class LimitShape(Shape):
    scope: str
    count: int
    per_seconds: float | None = None
    period: str | None = None
    higher_quota: bool


class AccountShape(Shape):
    """An account. `status` is `active`, `refused` (the platform refused the credential; give a new secret) or `off`;
    `secret_hint` ends in the secret's last four characters; `limits` are its own, beside the published ones."""

    id: str
    name: str
    platform: str
    base_url: str | None
    secret_hint: str
    limits: list[LimitShape] | None
    status: Status
    status_reason: str
    created_at: datetime
    updated_at: datetime


class CheckShape(Shape):
    """What the platform says of an account's secret."""

    works: bool | None
    code: str
    detail: str


@router.post("", status_code=status.HTTP_201_CREATED)
async def create(kit: KitDep, caller: Owner, body: NewAccountBody) -> AccountShape:
    """A sending credential. The secret is sealed and never comes out; `base_url` overrides the platform's host."""
    new = NewAccount(body.name, body.platform, body.base_url, _revealed(body.secret), _rules(body.limits))
    return AccountShape.model_validate(await accounts.create(kit, caller, new))


@router.get("")
async def listed(kit: KitDep, caller: Reader, limit: Limit = 50, cursor: Cursor = None) -> Listing[AccountShape]:
    """This center's accounts, oldest first."""
    async with kit.db.read() as tx:
        page = await service.listed(tx, caller.center_id, limit=limit, cursor=cursor)
    return Listing(items=[AccountShape.model_validate(each) for each in page.items], next_cursor=page.next_cursor)


@router.get("/{account_id}")
async def one(kit: KitDep, caller: Reader, account_id: Id) -> AccountShape:
    async with kit.db.read() as tx:
        return AccountShape.model_validate(await service.one(tx, caller.center_id, account_id))


@router.patch("/{account_id}")
async def patch(kit: KitDep, caller: Owner, account_id: Id, body: AccountChanges) -> AccountShape:
    """Change an account. A new secret makes a refused account active and lets its waiting deliveries go on."""
    return AccountShape.model_validate(await accounts.patch(kit, caller, account_id, body.changes()))


@router.post("/{account_id}/check")
async def check(kit: KitDep, caller: Operator, account_id: Id) -> CheckShape:
    """Ask the platform whether the account's secret works, without posting anything. `works` is null where the
    platform has no such question, or did not answer."""
    return CheckShape.model_validate(await accounts.check(kit, caller, account_id))


def _revealed(secret: dict[str, SecretStr]) -> dict[str, str]:
    return {name: value.get_secret_value() for name, value in secret.items()}


def _rules(limits: Sequence[AccountLimit] | None) -> list[OwnLimit] | None:
    return None if limits is None else [limit.rule() for limit in limits]
