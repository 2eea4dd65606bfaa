"""A new campaign: what is said, to whom, when and with what patience; its preview and its count; then a draft."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from app.core import ids
from app.core.errors import Invalid, NotFound
from app.core.markdown import Format
from app.domain.campaigns import rules
from app.domain.escalation.rules import Action
from app.domain.scripts import service as scripts
from app.domain.scripts.rules import Version
from app.flows.draft import draft
from app.flows.preview_script import BY_HAND, measured, preview_script
from app.reports.choices import by_platform
from app.web.attached import keep_picture
from app.web.desk import Desk, Operates
from app.web.moments import zone_name, zone_of
from app.web.new_form import Wrong, draft_of, valid_values
from app.web.new_slip import Slip, slip_of
from app.web.picking import meant, offered
from app.web.previews import Shown, gathered, platform_name

router = APIRouter(prefix="/campaigns")

MOST_SCRIPTS = 200


@router.get("/new")
async def blank(desk: Operates, script: str = "") -> Response:
    """The empty form; with `script`, that one is chosen."""
    return await _form(desk, Slip(key=ids.new("new"), zone=str(desk.reader.zone), script=script))


@router.post("/new/preview")
async def preview(desk: Operates) -> Response:
    """The form as it is filled in so far, with its preview and its count. Saves nothing but a picture."""
    slip, wrong = await keep_picture(desk, sent_slip(desk))
    return await _form(desk, slip, wrong)


@router.post("")
async def create(desk: Operates) -> Response:
    """A draft, once for each form that was given out; then its preflight."""
    slip, unkept = await keep_picture(desk, sent_slip(desk))
    version = await chosen_script(desk, slip.script)
    wanted, wrong = draft_of(slip, version, desk.reader.now)
    wrong |= unkept
    if slip.script and version is None:
        wrong["script"] = "wrong_choice"
    if wanted is None or wrong:
        return await _form(desk, slip, wrong, status=422)
    try:
        made = await draft(
            desk.kit,
            desk.caller,
            wanted,
            key=slip.key,
            fingerprint=rules.fingerprint({**asdict(wanted), "saved": slip.saved}),
            saved=slip.saved or None,
        )
    except Invalid as error:
        return await _refused(desk, slip, error)
    return desk.go(f"/campaigns/{made.campaign.id}/preflight", said="drafted")


async def _refused(desk: Desk, slip: Slip, error: Invalid) -> Response:
    """What only the ledger knows to be wrong. A form that was saved before, and changed since, gets a new name."""
    if error.code == "idempotency_key_reused":
        fresh = Slip(**{**slip.__dict__, "key": ids.new("new")})
        return await _form(desk, fresh, {"form": "wrong_saved_before"}, status=422)
    if slip.saved and error.errors and error.errors[0].pointer == "/audience/saved":
        return await _form(desk, slip, {"saved": "wrong_saved"}, status=422)
    place = {"unknown_audience": "audience", "unknown_picture": "picture"}.get(error.code, "form")
    wrong = "wrong_picture" if place == "picture" else "wrong_changed"
    return await _form(desk, slip, {place: wrong}, status=422)


def sent_slip(desk: Desk) -> Slip:
    assert desk.form is not None
    return slip_of(desk.form, desk.reader.zone)


async def chosen_script(desk: Desk, slug: str) -> Version | None:
    if not slug:
        return None
    async with desk.kit.db.read() as tx:
        try:
            return await scripts.get(tx, desk.center_id, slug[:64])
        except NotFound:
            return None


async def _form(desk: Desk, slip: Slip, wrong: Wrong | None = None, *, status: int = 200) -> Response:
    version = await chosen_script(desk, slip.script)
    async with desk.kit.db.read() as tx:
        platforms = await by_platform(tx, desk.center_id, await meant(tx, desk.center_id, slip))
        choices: dict[str, Any] = {
            "scripts": (await scripts.library(tx, desk.center_id, limit=MOST_SCRIPTS)).items,
            **await offered(tx, desk.center_id, slip),
        }
    return desk.page(
        "new_campaign.html",
        status=status,
        slip=slip,
        wrong=wrong or {},
        version=version,
        platforms=platforms,
        groups=sum(platforms.values()),
        shown=await shown_as(desk, slip, version, list(platforms)),
        platform_name=platform_name,
        zone_name=zone_name(zone_of(slip.zone), desk.reader.now, desk.reader.tongue),
        actions=[action.value for action in Action],
        **choices,
    )


async def shown_as(desk: Desk, slip: Slip, version: Version | None, platforms: list[str]) -> list[Shown]:
    """What the groups of the audience would read; examples stand in for values that are not there yet."""
    wanted = platforms or [BY_HAND]
    if version is None:
        text = slip.body.strip()
        marked = slip.format == Format.MARKDOWN
        return (
            gathered([measured(text, desk.kit.channels, platform=each, language="", marked=marked) for each in wanted])
            if text
            else []
        )
    values = valid_values(version.variables, slip.values)
    async with desk.kit.db.read() as tx:
        found = await preview_script(tx, desk.kit.channels, desk.center_id, slip.script, values=values, examples=True)
    return gathered([one for one in found.texts if one.platform in wanted])
