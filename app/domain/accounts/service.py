"""Accounts: credentials that go in, are checked, sealed, and never come out again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias, TypedDict

from app.core import audit, ids, paging
from app.core.addresses import AddressRefused, Guard
from app.core.db import Tx
from app.core.errors import Conflict, FieldError, Invalid, NotFound
from app.core.limits import Quota
from app.core.secrets import SecretBroken, Vault
from app.domain.accounts import rules, store
from app.domain.accounts.rules import OwnLimit, Platform
from app.domain.accounts.states import Status
from app.domain.accounts.tables import Account

MANUAL = "manual"
Row: TypeAlias = Account  # what flows and edges may name


@dataclass(frozen=True)
class House:
    """What accounts are held against: this service's vault, the addresses it may contact, the channels it knows, the
    quotas of each, and which secrets name the sender that each platform counts for."""

    vault: Vault
    guard: Guard
    channels: Mapping[str, Platform]
    quotas: Callable[[str], tuple[Quota, ...]] = lambda _channel: ()
    senders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class NewAccount:
    name: str
    platform: str
    base_url: str | None
    secret: Mapping[str, str]
    limits: Sequence[OwnLimit] | None


class Changes(TypedDict, total=False):
    """What a PATCH may hold; a field that is absent stays as it is, `None` clears it."""

    name: str
    base_url: str | None
    secret: Mapping[str, str]
    limits: Sequence[OwnLimit] | None
    status: Status


@dataclass(frozen=True)
class Changed:
    """An account after a change. `opened`: it may send again; `closed`: it may not send any more; `rekeyed`: it
    is somebody else to its platform, who shares limits with others and knows no key of before."""

    account: Account
    opened: bool
    closed: bool
    rekeyed: bool


async def create(tx: Tx, center_id: str, new: NewAccount, *, house: House, actor: str) -> Account:
    """Raises Invalid, and Conflict when the name is taken."""
    way = rules.way(_ways(house, new.platform), new.secret)
    _refuse(
        [
            *rules.secret_problems(way, new.secret),
            *_address_problems(house.guard, new.base_url),
            *rules.limit_problems((*way.limits, *house.quotas(way.name)), new.limits or ()),
        ]
    )
    account_id = ids.new("acc")
    values = {
        "id": account_id,
        "center_id": center_id,
        "name": new.name,
        "platform": new.platform,
        "channel": way.name,
        "base_url": _base(new.base_url),
        "limits": _stored(new.limits),
        "pace_key": rules.pace_key(way.name, _base(new.base_url), house.senders.get(way.name), new.secret),
        **_sealed(house.vault, account_id, new.secret),
    }
    if not await store.create(tx, values):
        raise store.name_taken(new.name)
    await audit.note(
        tx,
        center_id,
        actor=actor,
        action="account.create",
        subject=account_id,
        name=new.name,
        platform=new.platform,
        **_noted(new.limits),
    )
    return await one(tx, center_id, account_id)


async def one(tx: Tx, center_id: str, account_id: str, *, lock: bool = False) -> Account:
    """Raises NotFound."""
    account = await store.find(tx, center_id, account_id, lock=lock)
    if account is None:
        raise NotFound("account_unknown", "There is no such account.")
    return account


async def listed(tx: Tx, center_id: str, *, limit: int, cursor: str | None) -> paging.Page[Account]:
    return await store.page(tx, center_id, limit=limit, cursor=cursor)


async def patch(tx: Tx, center_id: str, account_id: str, changes: Changes, *, house: House, actor: str) -> Changed:
    """Change what is named. A new secret makes a refused account active again; it opens the same way into the
    platform as the old one. An account that was switched off stays off until its status says otherwise. Raises
    NotFound, Invalid, Conflict."""
    account = await one(tx, center_id, account_id, lock=True)
    way = house.channels.get(account.channel) or rules.way(_ways(house, account.platform), {})
    secret, limits = changes.get("secret"), changes.get("limits")
    _refuse(
        [
            *(rules.secret_problems(way, secret) if secret is not None else ()),
            *_address_problems(house.guard, changes.get("base_url")),
            *rules.limit_problems((*way.limits, *house.quotas(way.name)), limits or ()),
        ]
    )
    status = _status_after(account, changes)
    values: dict[str, Any] = {"status": status}
    if "name" in changes:
        values["name"] = changes["name"]
    if "base_url" in changes:
        values["base_url"] = _base(changes["base_url"])
    if "limits" in changes:
        values["limits"] = _stored(limits)
    if secret is not None:
        values.update(_sealed(house.vault, account_id, secret))
    if secret is not None or "base_url" in changes:
        values["pace_key"] = _pace_key(house, account, values.get("base_url", account.base_url), secret)
    if status is not account.status:
        values["status_reason"] = f"switched off by {actor}" if status is Status.OFF else ""
    await store.change(tx, account_id, values)
    await audit.note(
        tx,
        center_id,
        actor=actor,
        action="account.change",
        subject=account_id,
        name=account.name,
        changed=[*changes],
        **_noted(limits),
    )
    renewed = status is Status.ACTIVE and (secret is not None or account.status is not Status.ACTIVE)
    off = status is Status.OFF and account.status is not Status.OFF
    rekeyed = values.get("pace_key", account.pace_key) != account.pace_key
    return Changed(await one(tx, center_id, account_id), opened=renewed, closed=off, rekeyed=rekeyed)


class Sealed(Protocol):
    """An account, as its row."""

    @property
    def id(self) -> str: ...
    @property
    def secret_box(self) -> str | None: ...


def secret(vault: Vault, account: Sealed) -> dict[str, str]:
    """The account's secret in clear; empty for an account without one. Raises SecretBroken."""
    return vault.open(account.id, account.secret_box) if account.secret_box else {}


def own_limits(limits: Sequence[Mapping[str, Any]] | None) -> list[OwnLimit]:
    """An account's own limits, from its row."""
    return [OwnLimit.read(entry) for entry in limits or ()]


def _pace_key(house: House, account: Account, base_url: str | None, renewed: Mapping[str, str] | None) -> str | None:
    try:
        known = secret(house.vault, account) if renewed is None else renewed
    except SecretBroken:
        known = {}
    return rules.pace_key(account.channel, base_url, house.senders.get(account.channel), known)


def _ways(house: House, platform: str) -> list[Platform]:
    """Every way into a platform."""
    if platform == MANUAL:
        raise Invalid.field("/platform", "Manual groups are served by their leaders and need no account.")
    ways = [way for way in house.channels.values() if way.platform == platform]
    if not ways:
        known = ", ".join(sorted({way.platform for way in house.channels.values()}))
        raise Invalid.field("/platform", f"This platform is unknown; the known ones are {known}.")
    return ways


def _status_after(account: Account, changes: Changes) -> Status:
    wanted = changes.get("status")
    renewed = changes.get("secret") is not None
    if wanted is Status.ACTIVE and account.status is Status.REFUSED and not renewed:
        raise Conflict(
            "secret_refused",
            f"The platform refused the credential of “{account.name}”; give it a new secret to make it active.",
        )
    if wanted is not None:
        return wanted
    return Status.ACTIVE if renewed and account.status is Status.REFUSED else account.status


def _address_problems(guard: Guard, base_url: str | None) -> list[FieldError]:
    if base_url is None:
        return []
    try:
        guard.check(base_url)
    except AddressRefused as refused:
        return [FieldError("/base_url", f"{str(refused)[:1].upper()}{str(refused)[1:]}.")]
    if "?" in base_url or "#" in base_url:
        return [FieldError("/base_url", "A base URL has neither a query nor a fragment.")]
    return []


def _refuse(problems: Sequence[FieldError]) -> None:
    if problems:
        raise Invalid("invalid", problems[0].message, errors=problems)


def _sealed(vault: Vault, account_id: str, secret: Mapping[str, str]) -> dict[str, str | None]:
    if not secret:
        return {"secret_box": None, "secret_hint": ""}
    return {"secret_box": vault.seal(account_id, secret), "secret_hint": rules.hint(secret)}


def _base(url: str | None) -> str | None:
    return url.rstrip("/") if url else None


def _noted(own: Sequence[OwnLimit] | None) -> dict[str, Any]:
    """What the audit log keeps of limits that were set."""
    return {"limits": _stored(own)} if own else {}


def _stored(own: Sequence[OwnLimit] | None) -> list[dict[str, Any]] | None:
    return [limit.stored() for limit in own] if own else None
