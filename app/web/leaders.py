"""Leaders: found by name; one of them, with how he is reached and what he answers for."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import AfterValidator, BaseModel, Field

from app.core.text import Line, Name
from app.domain.directory.rules import ADDRESS_MOST, language, parse_contact
from app.domain.directory.service import absences, people
from app.flows.enrol import renew_code
from app.flows.keep_group import change_leader, create_leader
from app.flows.relieve import remove_leader
from app.reports.directory import answers_for, held
from app.reports.hand_offs import Span
from app.reports.leader_record import record
from app.reports.people import known_phones
from app.web.desk import Desk, Operates, Reads
from app.web.fields import Id
from app.web.forms import WRONG, Form, again, plain

router = APIRouter(prefix="/leaders")

ROWS = 50
LOOKS_BACK = timedelta(days=365)


def _sound(contact: str) -> str:
    if "…" not in contact:
        parse_contact(contact)
    return contact


def _language(text: str) -> str:
    return language(text) if text else ""


class LeaderForm(BaseModel):
    """A contact that is shown masked stays as it is unless another is written in its place."""

    name: Name
    contact: Annotated[Line, Field(max_length=ADDRESS_MOST), AfterValidator(_sound)] = ""
    language: Annotated[Line, Field(max_length=32), AfterValidator(_language)] = ""


@router.get("")
async def index(desk: Reads, q: str = "", cursor: str | None = None) -> Response:
    """The center's leaders, one page, and who of them is away."""
    words = "".join(character for character in q if character.isprintable()).strip()[:100]
    async with desk.kit.db.read() as tx:
        page = await people.listed(tx, desk.center_id, q=words or None, limit=ROWS, cursor=cursor or None)
        having = await held(tx, desk.center_id, [each.id for each in page.items])
        away = {each.leader_id: each for each in reversed(await absences.listed(tx, desk.center_id))}
    rows = [(each, contact_of(each), having.get(each.id, (0, 0)), away.get(each.id)) for each in page.items]
    return desk.page("leaders.html", rows=rows, cursor=page.next_cursor, q=words)


@router.get("/new")
async def fresh(desk: Operates) -> Response:
    return desk.page("leader_new.html", form=Form())


@router.post("")
async def create(desk: Operates) -> Response:
    try:
        told = desk.fields(LeaderForm)
        contact = parse_contact(told.contact)
        made = await create_leader(desk.kit, desk.caller, told.name, contact=contact, language=told.language or None)
    except WRONG as error:
        return desk.page("leader_new.html", status=422, form=again(desk, error, shown={"name_taken": "name"}))
    return desk.go(f"/leaders/{made.id}", said="leader_kept")


@router.get("/{leader_id}")
async def show(desk: Reads, leader_id: Id, cursor: str | None = None) -> Response:
    return await leader_page(desk, leader_id, cursor=cursor)


@router.post("/{leader_id}")
async def change(desk: Operates, leader_id: Id) -> Response:
    """Hand-offs that are under way go to the new contact from now on."""
    async with desk.kit.db.read() as tx:
        standing = contact_of(await people.one(tx, desk.center_id, leader_id))
    try:
        told = desk.fields(LeaderForm)
        changes = people.Changes(name=told.name, language=told.language or None)
        if told.contact != standing:
            changes["contact"] = parse_contact(told.contact)
        await change_leader(desk.kit, desk.caller, leader_id, changes)
    except WRONG as error:
        return await leader_page(desk, leader_id, form=again(desk, error, shown={"name_taken": "name"}))
    except ValueError:
        form = Form(dict(told.model_dump()), {"contact": desk.reader.say("wrong_contact")}, {"contact": ""})
        return await leader_page(desk, leader_id, form=form)
    return desk.go(f"/leaders/{leader_id}", said="leader_kept")


@router.get("/{leader_id}/ask/code")
async def ask_code(desk: Operates, leader_id: Id) -> Response:
    return await _ask(desk, leader_id, "code", grave=False)


@router.post("/{leader_id}/code")
async def code(desk: Operates, leader_id: Id) -> Response:
    """A fresh personal code, shown this once."""
    fresh_code = await renew_code(desk.kit, desk.caller, leader_id)
    async with desk.kit.db.read() as tx:
        leader = await people.one(tx, desk.center_id, leader_id)
    return desk.page("shown_once.html", about=leader.name, back=f"/leaders/{leader_id}", secret=fresh_code, kind="code")


@router.get("/{leader_id}/ask/leave")
async def ask_leave(desk: Operates, leader_id: Id) -> Response:
    return await _ask(desk, leader_id, "leave", grave=True)


@router.post("/{leader_id}/leave")
async def leave(desk: Operates, leader_id: Id) -> Response:
    """His links open nothing any more, and what he has open goes to the next in line."""
    await remove_leader(desk.kit, desk.caller, leader_id)
    return desk.go("/leaders", said="leader_left")


@router.post("/{leader_id}/back")
async def come_back(desk: Operates, leader_id: Id) -> Response:
    await change_leader(desk.kit, desk.caller, leader_id, people.Changes(left=False))
    return desk.go(f"/leaders/{leader_id}", said="leader_back")


async def leader_page(
    desk: Desk, leader_id: str, *, cursor: str | None = None, form: Form | None = None, away: Form | None = None
) -> Response:
    """One leader; `form` and `away` are what was filled in wrongly. Raises NotFound."""
    async with desk.kit.db.read() as tx:
        leader = await people.one(tx, desk.center_id, leader_id)
        having = await answers_for(tx, desk.center_id, leader_id, limit=ROWS, cursor=cursor or None)
        absent = await absences.listed(tx, desk.center_id, leader_id=leader_id)
        past = await record(tx, desk.center_id, leader_id, Span(desk.reader.now - LOOKS_BACK, None))
        phones = await known_phones(tx, leader_id)
    standing = {"name": leader.name, "contact": contact_of(leader), "language": plain(leader.language)}
    return desk.page(
        "leader.html",
        status=422 if form or away else 200,
        leader=leader,
        contact=contact_of(leader),
        having=having.items,
        cursor=having.next_cursor,
        absences=absent,
        past=past,
        months=list(reversed(past.months)) if past else [],
        phones=phones,
        form=form or Form(standing),
        away=away or Form(),
    )


def contact_of(leader: people.Row) -> str:
    """How he is reached, masked where that is a credential."""
    return f"{leader.contact_kind}:{leader.contact}" if leader.contact else leader.contact_kind


async def _ask(desk: Desk, leader_id: str, what: str, *, grave: bool) -> Response:
    async with desk.kit.db.read() as tx:
        leader = await people.one(tx, desk.center_id, leader_id)
        groups, branches = (await held(tx, desk.center_id, [leader_id])).get(leader_id, (0, 0))
    action = f"/leaders/{leader_id}/{what}"
    return desk.ask(f"leader_{what}", action=action, grave=grave, name=leader.name, groups=groups, branches=branches)
