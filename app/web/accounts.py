"""Accounts: how each stands, asked after, made and changed; secrets go in and never come out."""

from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field, StringConstraints

from app.channels.addresses import NamesItsServer
from app.channels.port import Channel, Checked
from app.core.errors import FieldError, Invalid, NotFound
from app.core.limits import Scope
from app.core.text import Line, Name, single_line
from app.domain.accounts import service
from app.domain.accounts.rules import OwnLimit
from app.domain.accounts.rules import known_secrets as known
from app.domain.accounts.service import Changes, NewAccount
from app.domain.accounts.states import Status
from app.flows import accounts
from app.web.desk import Desk, Operates, Owns, Reads
from app.web.fields import Id
from app.web.forms import WRONG, Form, again, plain

router = APIRouter(prefix="/accounts")

ROWS = 50
SCOPES = {scope.value: scope for scope in (Scope.ACCOUNT, Scope.CHAT)}


class AccountForm(BaseModel):
    """`limits` has a line for each: the scope, how many, in how many seconds, and `higher` for a granted quota."""

    name: Name
    base_url: Annotated[Line, Field(max_length=500)] = ""
    limits: Annotated[str, StringConstraints(max_length=2_000)] = ""
    status: str = ""


@router.get("")
async def index(desk: Reads, cursor: str | None = None) -> Response:
    async with desk.kit.db.read() as tx:
        page = await service.listed(tx, desk.center_id, limit=ROWS, cursor=cursor or None)
    return desk.page("accounts.html", rows=page.items, cursor=page.next_cursor, ways=list(desk.kit.channels))


@router.get("/new")
async def fresh(desk: Owns, channel: str = "") -> Response:
    """The form for one way into a platform, with the secrets that one takes."""
    return _new(desk, _channel(desk, channel), Form())


@router.post("")
async def create(desk: Owns) -> Response:
    channel = _channel(desk, str(desk.sent("channel")))
    try:
        told = desk.fields(AccountForm)
        new = NewAccount(told.name, channel.platform, told.base_url or None, _secret(desk), _limits(told.limits))
        made = await accounts.create(desk.kit, desk.caller, new)
    except WRONG as error:
        return _new(desk, channel, again(desk, error, shown={"name_taken": "name"}))
    return desk.go(f"/accounts/{made.id}", said="account_kept")


@router.get("/{account_id}")
async def show(desk: Reads, account_id: Id) -> Response:
    return await _page(desk, account_id)


@router.post("/{account_id}/check")
async def check(desk: Operates, account_id: Id) -> Response:
    """What the platform says of the secret; nothing is posted."""
    return await _page(desk, account_id, checked=await accounts.check(desk.kit, desk.caller, account_id))


@router.post("/{account_id}")
async def change(desk: Owns, account_id: Id) -> Response:
    """An empty secret stays as it is. A new one makes a refused account active."""
    try:
        told = desk.fields(AccountForm)
        changes = Changes(name=told.name, base_url=told.base_url or None, limits=_limits(told.limits))
        if secret := _secret(desk):
            changes["secret"] = secret
        async with desk.kit.db.read() as tx:
            standing = (await service.one(tx, desk.center_id, account_id)).status
        if told.status in {Status.ACTIVE, Status.OFF} and told.status != standing:
            changes["status"] = Status(told.status)
        await accounts.patch(desk.kit, desk.caller, account_id, changes)
    except WRONG as error:
        return await _page(desk, account_id, form=again(desk, error, shown={"name_taken": "name"}))
    return desk.go(f"/accounts/{account_id}", said="account_kept")


def _channel(desk: Desk, name: str) -> Channel:
    found = desk.kit.channels.get(name)
    if found is None:
        raise NotFound("channel_unknown", "There is no such way into a platform.")
    return found


def _new(desk: Desk, channel: Channel, form: Form) -> Response:
    status = 422 if form.wrong or form.general else 200
    has_server = not isinstance(channel, NamesItsServer)
    shown = {"channel": channel, "secrets": _wanted(channel), "has_server": has_server, "form": form}
    return desk.page("account_new.html", status=status, **shown)


async def _page(desk: Desk, account_id: str, *, form: Form | None = None, checked: Checked | None = None) -> Response:
    async with desk.kit.db.read() as tx:
        account = await service.one(tx, desk.center_id, account_id)
    channel = desk.kit.channels.get(account.channel)
    own = account.limits or []
    standing = {
        "name": account.name,
        "base_url": plain(account.base_url),
        "limits": "\n".join(map(_line, own)),
        "status": account.status.value,
    }
    return desk.page(
        "account.html",
        status=422 if form else 200,
        account=account,
        secrets=_wanted(channel) if channel else [],
        has_server=not isinstance(channel, NamesItsServer),
        published=[str(limit) for limit in channel.limits] if channel else [],
        checked=checked,
        form=form or Form(standing),
        statuses=[Status.ACTIVE, Status.OFF],
    )


def _wanted(channel: Channel) -> list[tuple[str, bool]]:
    """The secrets an account of this kind takes, and whether it must have each."""
    return [(name, name in channel.account_secret) for name in known(channel)]


def _secret(desk: Desk) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, text in (desk.form or {}).items():
        if name.startswith("secret.") and isinstance(text, str) and text.strip():
            try:
                found[name.removeprefix("secret.")] = single_line(text[:4096])
            except ValueError as error:
                raise Invalid.field(f"/{name}", "A secret is a single line.") from error
    return found


def _limits(text: str) -> list[OwnLimit] | None:
    """`account 20 60` or `chat 1 3 higher`, one on a line."""
    return [_limit(line.split()) for line in text.splitlines() if line.strip()][:20] or None


def _limit(words: list[str]) -> OwnLimit:
    problem = Invalid("invalid", "", errors=[FieldError("/limits", "Write each as `account 20 60` or `chat 1 3`.")])
    if len(words) not in {3, 4} or words[0] not in SCOPES or words[3:] not in ([], ["higher"]):
        raise problem
    try:
        count, seconds = int(words[1]), float(words[2])
    except ValueError:
        raise problem from None
    if not (1 <= count <= 1_000_000 and 0 < seconds <= 86_400):
        raise problem
    return OwnLimit(SCOPES[words[0]], count, seconds, len(words) == 4)


def _line(limit: dict[str, Any]) -> str:
    return f"{limit['scope']} {limit['count']} {limit['per_seconds']:g}{' higher' if limit['higher_quota'] else ''}"
