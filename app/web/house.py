"""What only an owner sees: the center's settings, its keys, and who changed what."""

from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import AfterValidator, BaseModel, Field

from app.core import audit
from app.core.text import Line, Name
from app.domain.access import service as access
from app.domain.access.states import Role
from app.domain.directory.rules import language, timezone
from app.domain.directory.service import groups, headquarters, people
from app.flows.keep_center import Wished, keep_center
from app.reports.directory import leader_names
from app.web.desk import Desk, Owns
from app.web.fields import Id
from app.web.forms import WRONG, Form, again, plain

router = APIRouter()

ROWS = 50


class CenterForm(BaseModel):
    name: Name
    timezone: Annotated[Line, Field(max_length=64), AfterValidator(lambda text: timezone(text) if text else "")] = ""
    language: Annotated[Line, Field(max_length=32), AfterValidator(lambda text: language(text) if text else "")] = ""
    head: Annotated[Line, Field(max_length=200)] = ""
    main_group: Annotated[Line, Field(max_length=200)] = ""
    needs_approval: bool = False


class KeyForm(BaseModel):
    key_name: Name
    role: Role


@router.get("/settings")
async def settings(desk: Owns, cursor: str | None = None) -> Response:
    return await _settings(desk, cursor=cursor)


@router.post("/settings")
async def change(desk: Owns) -> Response:
    """Campaigns under way keep their plan, and reach a new head from their next step on."""
    try:
        told = desk.fields(CenterForm).model_dump()
        places = {name: told[name] or None for name in ("timezone", "language")}
        await keep_center(desk.kit, desk.caller, Wished(**{**told, **places}))
    except WRONG as error:
        return await _settings(desk, form=again(desk, error))
    return desk.go("/settings", said="center_kept")


@router.post("/settings/keys")
async def create_key(desk: Owns) -> Response:
    """The token is shown on the page that answers, and nowhere else."""
    try:
        told = desk.fields(KeyForm)
    except WRONG as error:
        return await _settings(desk, key=again(desk, error))
    async with desk.kit.db.write() as tx:
        issued = await access.create_key(
            tx, desk.center_id, name=told.key_name, role=told.role, actor=desk.caller.actor
        )
    return desk.page("shown_once.html", about=issued.key.name, back="/settings", secret=issued.token, kind="key")


@router.get("/settings/keys/{key_id}/ask/revoke")
async def ask_revoke(desk: Owns, key_id: Id) -> Response:
    async with desk.kit.db.read() as tx:
        key = await access.key(tx, desk.center_id, key_id)
    role = desk.reader.say(f"role_{key.role}")
    return desk.ask("revoke", action=f"/settings/keys/{key_id}/revoke", grave=True, name=key.name, role=role)


@router.post("/settings/keys/{key_id}/revoke")
async def revoke(desk: Owns, key_id: Id) -> Response:
    async with desk.kit.db.write() as tx:
        await access.revoke_key(tx, desk.center_id, key_id, actor=desk.caller.actor)
    return desk.go("/settings", said="key_revoked")


@router.get("/audit")
async def log(desk: Owns, cursor: str | None = None) -> Response:
    """What was changed in this center, newest first."""
    async with desk.kit.db.read() as tx:
        page = await audit.entries(tx, desk.center_id, limit=ROWS, cursor=cursor or None)
    rows = [(each, desk.reader.say_or(f"did_{each.action.replace('.', '_')}", each.action)) for each in page.items]
    return desk.page("audit.html", rows=rows, cursor=page.next_cursor)


async def _settings(
    desk: Desk, *, cursor: str | None = None, form: Form | None = None, key: Form | None = None
) -> Response:
    async with desk.kit.db.read() as tx:
        center = await access.center(tx, desk.center_id)
        places = await headquarters.one(tx, desk.center_id)
        head = await people.one(tx, desk.center_id, places.head_id) if places.head_id else None
        main = await groups.one(tx, desk.center_id, places.main_group_id) if places.main_group_id else None
        keys = await access.list_keys(tx, desk.center_id, limit=ROWS, cursor=cursor or None)
        names = await leader_names(tx, desk.center_id)
    standing: dict[str, Any] = {
        "name": center.name,
        "timezone": plain(center.timezone),
        "language": plain(center.language),
        "head": head.name if head else "",
        "main_group": main.name if main else "",
        "needs_approval": "true" if center.needs_approval else "",
    }
    return desk.page(
        "settings.html",
        status=422 if form or key else 200,
        form=form or Form(standing),
        key=key or Form(),
        keys=keys.items,
        cursor=keys.next_cursor,
        roles=list(reversed(Role)),
        names=names,
    )
