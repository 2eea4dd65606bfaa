"""A correction: the new words, what becomes of the old ones in each kind of group, how it looks; then its launch."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from app.core import ids
from app.core.errors import AppError, Conflict, Invalid
from app.domain.access import service as access
from app.domain.campaigns import rules
from app.domain.campaigns import service as campaigns
from app.domain.campaigns.states import Mode, State
from app.domain.scripts import service as scripts
from app.flows.brief import Campaign
from app.flows.correct import Words, correct
from app.reports.choices import standing_platforms
from app.web.desk import Desk, Operates
from app.web.fields import Id
from app.web.new_campaign import MOST_SCRIPTS, chosen_script, sent_slip, shown_as
from app.web.new_form import Wrong, draft_of
from app.web.new_slip import Slip
from app.web.previews import platform_name
from app.web.prospects import Prospect, to_edit

router = APIRouter(prefix="/campaigns/{campaign_id}/correct")


@router.get("")
async def blank(desk: Operates, campaign_id: Id) -> Response:
    """The words of the first campaign, to be put right."""
    first = await _first(desk, campaign_id)
    slip = Slip(
        key=ids.new("cor"),
        zone=str(desk.reader.zone),
        title=desk.reader.say("correct_title", title=first.title)[:200],
        script=first.script_slug or "",
        body="" if first.script_slug else next(iter(first.texts.values()), ""),
        values=first.variables,
        minutes=f"{first.relay_minutes:g}",
    )
    return await _form(desk, first, slip)


@router.post("/preview")
async def preview(desk: Operates, campaign_id: Id) -> Response:
    """Saves nothing."""
    return await _form(desk, await _first(desk, campaign_id), sent_slip(desk))


@router.post("")
async def send(desk: Operates, campaign_id: Id) -> Response:
    """Launched once for each form that was given out, or submitted where a second person has to agree."""
    first, slip = await _first(desk, campaign_id), sent_slip(desk)
    words, wrong = await _words(desk, slip)
    if words is None:
        return await _form(desk, first, slip, wrong, status=422)
    said = {"corrects": campaign_id, **words.__dict__}
    try:
        made = await correct(
            desk.kit, desk.caller, campaign_id, words, key=slip.key, fingerprint=rules.fingerprint(said)
        )
    except (Conflict, Invalid) as error:
        fresh = ids.new("cor") if error.code == "idempotency_key_reused" else slip.key
        return await _form(desk, first, Slip(**{**slip.__dict__, "key": fresh}), status=422, error=error)
    async with desk.kit.db.read() as tx:
        now = await campaigns.found(tx, desk.center_id, made.campaign.id)
    said_now = "submitted" if now.state is State.PENDING_APPROVAL else "corrected"
    return desk.go(f"/campaigns/{now.id}", said=said_now)


async def _first(desk: Desk, campaign_id: str) -> Campaign:
    async with desk.kit.db.read() as tx:
        return await campaigns.found(tx, desk.center_id, campaign_id)


async def _words(desk: Desk, slip: Slip) -> tuple[Words | None, Wrong]:
    version = await chosen_script(desk, slip.script)
    wanted, wrong = draft_of(slip, version, desk.reader.now)
    if slip.script and version is None:
        wrong["script"] = "wrong_choice"
    if slip.mode not in set(Mode):
        wrong["mode"] = "wrong_choice"
    if wanted is None or wrong:
        return None, wrong
    words = Words(
        mode=Mode(slip.mode),
        title=wanted.title,
        texts=wanted.texts,
        variables=wanted.variables,
        script_slug=wanted.script_slug,
        script_version=wanted.script_version,
        relay_minutes=wanted.relay_minutes,
    )
    return words, {}


async def _form(
    desk: Desk, first: Campaign, slip: Slip, wrong: Wrong | None = None, *, status: int = 200, error: Any = None
) -> Response:
    version = await chosen_script(desk, slip.script)
    async with desk.kit.db.read() as tx:
        seen = await to_edit(desk, tx, first)
        platforms = await standing_platforms(tx, first.id)
        library = (await scripts.library(tx, desk.center_id, limit=MOST_SCRIPTS)).items
        center = await access.center(tx, desk.center_id)
    like_first = Slip(**{**slip.__dict__, "format": slip.format or first.format.value})
    return desk.page(
        "correct.html",
        status=status,
        campaign=first,
        slip=slip,
        wrong=wrong or {},
        version=version,
        scripts=library,
        lines=_lines(desk, seen, slip.mode),
        groups=seen.able_groups + seen.unable_groups + seen.by_hand + seen.unsure + seen.waiting + seen.without,
        shown=await shown_as(desk, like_first, version, platforms),
        platform_name=platform_name,
        waits=center.needs_approval or first.needs_approval,
        **_problem(desk, error),
    )


def _lines(desk: Desk, seen: Prospect, mode: str) -> list[str]:
    """What becomes of each kind of group."""
    say = desk.reader.say
    able = "edit_follow" if mode == Mode.FOLLOW_UP else "edit_able"
    unable = "edit_left" if mode == Mode.EDIT else "edit_follow"
    lines = [say(able, platform=name, count=count) for name, count in seen.able]
    lines += [say(unable, platform=name, count=count) for name, count in seen.unable]
    kinds = {
        "edit_by_hand": seen.by_hand,
        "edit_unsure": seen.unsure,
        "edit_waiting": seen.waiting + seen.without,
        "edit_gone": seen.gone,
    }
    return lines + [say(key, count=count) for key, count in kinds.items() if count]


def _problem(desk: Desk, error: AppError | None) -> dict[str, Any]:
    """What stands in the way, in the reader's language."""
    if error is None:
        return {"problem": "", "findings": []}
    say_or = desk.reader.say_or
    known = {"blocked": "wrong_blocked", "idempotency_key_reused": "wrong_saved_before"}
    problem = say_or(known.get(error.code, f"oops_{error.code}"), say_or(f"oops_{error.status}_body", error.sentence))
    codes = [each.pointer.rpartition("/")[2] for each in error.errors]
    return {"problem": problem, "findings": [say_or(f"finding_{code}", "") for code in codes if code]}
