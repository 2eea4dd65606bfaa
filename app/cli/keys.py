"""`muster keys`: API keys, made and revoked directly on the database."""

import asyncio
from typing import Annotated

import typer
from pydantic import BaseModel, TypeAdapter, ValidationError

from app.cli.local import ACTOR, center_named, database
from app.cli.terminal import AsJson, show_json, show_table
from app.core.db import Tx
from app.core.settings import load
from app.core.text import Name
from app.domain.access import service
from app.domain.access.states import Role
from app.flows import sign_in as flow

app = typer.Typer(no_args_is_help=True)

_PAGE = 200
_SHOWN = ("id", "name", "role", "public_id", "created_at", "created_by", "last_used_at", "revoked_at")

Key = dict[str, object]


def _named(text: str) -> str:
    try:
        return TypeAdapter(Name).validate_python(text)
    except ValidationError as error:
        raise typer.BadParameter(error.errors()[0]["msg"].removeprefix("Value error, ")) from error


Center = Annotated[str | None, typer.Option("--center", help="The center's name or id, where there are several.")]


@app.command("create")
def create(
    *,
    role: Annotated[Role, typer.Option(help="What the key may do.")],
    name: Annotated[str, typer.Option(help="Who or what will use it.", callback=_named)] = "command line",
    center: Center = None,
    as_json: AsJson = False,
) -> None:
    """Create a key and show its token, this once. In an empty database an owner key makes the first center, too.

    Example: muster keys create --role operator --name "CRM"
    """
    answer = asyncio.run(_create(name, role, center))
    if as_json:
        show_json(answer)
        return
    print(answer["token"])


@app.command("list")
def list_keys(*, center: Center = None, as_json: AsJson = False) -> None:
    """List the keys, revoked ones too, without their tokens.

    Example: muster keys list
    """
    keys = asyncio.run(_list(center))
    if as_json:
        show_json(keys)
        return
    head = ("id", "name", "role", "created_at", "last_used_at", "revoked_at")
    show_table(head, [[key[column] for column in head] for key in keys])


@app.command("revoke")
def revoke(
    *,
    key_id: Annotated[str, typer.Argument(help="The key's id, as `muster keys list` shows it.")],
    center: Center = None,
    as_json: AsJson = False,
) -> None:
    """Revoke a key; the next request with it is refused.

    Example: muster keys revoke key_01abc
    """
    asyncio.run(_revoke(key_id, center))
    if as_json:
        show_json({"id": key_id, "revoked": True})
        return
    print(f"{key_id} is revoked.")


@app.command("sign-in")
def sign_in(
    *,
    key_id: Annotated[str, typer.Argument(help="The key's id, as `muster keys list` shows it.")],
    center: Center = None,
    as_json: AsJson = False,
) -> None:
    """Make a link that signs one browser in with this key, once, within a quarter of an hour.

    Example: muster keys sign-in key_01abc
    """
    made = asyncio.run(_invite(key_id, center))
    if as_json:
        show_json({"url": made.url, "expires_at": made.expires_at.isoformat()})
        return
    print(made.url)


async def _create(name: str, role: Role, center: str | None) -> Key:
    async with database() as (db, _), db.write() as tx:
        if role is Role.OWNER and not await service.centers(tx):
            token = await service.first_start(tx)
            (key,) = await _all(tx, await center_named(tx, None))
            return {**key, "token": token}
        center_id = await center_named(tx, center)
        issued = await service.create_key(tx, center_id, name=name, role=role, actor=ACTOR)
        return {**_shown(issued.key), "token": issued.token}


async def _list(center: str | None) -> list[Key]:
    async with database() as (db, _), db.read() as tx:
        return await _all(tx, await center_named(tx, center))


async def _all(tx: Tx, center_id: str) -> list[Key]:
    keys: list[Key] = []
    cursor: str | None = None
    while True:
        page = await service.list_keys(tx, center_id, limit=_PAGE, cursor=cursor)
        keys += [_shown(key) for key in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return keys


def _shown(key: BaseModel) -> Key:
    row = key.model_dump(mode="json")
    return {name: row[name] for name in _SHOWN}


async def _invite(key_id: str, center: str | None) -> flow.Invitation:
    base_url = load().base_url
    async with database() as (db, _), db.write() as tx:
        return await flow.invite(tx, await center_named(tx, center), key_id, actor=ACTOR, base_url=base_url)


async def _revoke(key_id: str, center: str | None) -> None:
    async with database() as (db, _), db.write() as tx:
        await service.revoke_key(tx, await center_named(tx, center), key_id, actor=ACTOR)
