"""A regional leader's page: the groups of his branch and who has them. Looking changes nothing; each button is a POST
that leads back to the page."""

from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from app.core.errors import AppError, Conflict
from app.domain.relays.states import State
from app.flows.oversee import Act
from app.reports.branch_places import Place
from app.web import moments, relay
from app.web.pages import HEADERS, html
from app.web.said import Knock, Looking
from app.web.tongues import say, say_or, tongue_for
from app.web.words import WORDS, Tongue

_TOLD = ("nudge", "hand_over", "read")
_REFUSED = ("nudged_enough", "unreachable", "nobody_in_line")
_LOOKS = {State.PLANNED: "assigned", State.POSTING: "acknowledged", State.UNCERTAIN: "missed"}

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Row:
    """One group as shown. `look` is its state as one word for style and symbol."""

    place: Place
    platform: str
    who: str
    look: str
    state: str
    more: tuple[str, ...]


@router.head("/r/{token}/branch")
@router.get("/r/{token}/branch")
@router.head("/g/{token}/branch")
@router.get("/g/{token}/branch")
async def show(request: Request, link: Looking) -> Response:
    """The page. Any program may fetch it any number of times: nothing happens."""
    asked = request.query_params
    number = asked.get("page", "")
    try:
        page = await link.look_branch(int(number) if number.isascii() and number.isdecimal() and len(number) < 6 else 1)
        if page is None and "/g/" in relay.path_of(link):
            return RedirectResponse(relay.path_of(link), status_code=303, headers=HEADERS)
        if page is None:
            raise link.unknown()
    except AppError as error:
        return relay.notice(request, error, link, _tongue(request, asked.get("lang")))
    tongue = _tongue(request, asked.get("lang"), page.language)
    zone = moments.zone_of(None, page.timezone)
    until = page.until_at and moments.spoken(page.until_at, now=page.at, zone=zone, tongue=tongue)
    return html(
        "branch_page.html",
        tongue,
        request=request,
        prefix=relay.prefix_of(link.kit),
        here=relay.path_of(link),
        page=page,
        rows=[_row(place, tongue) for place in page.places],
        until=until,
        late=page.until_at is not None and page.until_at <= page.at,
        notice=_notice(asked.get("told", ""), tongue),
    )


@router.post("/r/{token}/branch/read")
@router.post("/g/{token}/branch/read")
async def read(request: Request, link: Looking) -> Response:
    """He has read what goes out in his branch."""

    async def act(_: dict[str, str]) -> str:
        await link.read()
        return "read"

    return await _press(request, link, act)


@router.post("/r/{token}/branch/relays/{relay_id}")
@router.post("/g/{token}/branch/relays/{relay_id}")
async def press(request: Request, link: Looking, relay_id: str) -> Response:
    """One leader of the branch is reminded, or one group goes to the next in line."""

    async def act(fields: dict[str, str]) -> str:
        seen = fields.get("nudges", "")
        action: Literal["nudge", "hand_over"] = "hand_over" if fields.get("action") == "hand_over" else "nudge"
        number = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 6 else -1
        await link.oversee(relay_id, Act(action, nudges=number, leader_id=fields.get("has", "")))
        return action

    return await _press(request, link, act)


async def _press(request: Request, link: Knock, act: Any) -> Response:
    """Do what the form says and go back to the page, whose path is built from the token and nothing else."""
    back: dict[str, str] = {}
    try:
        link.own()
        async with request.form(max_files=0, max_fields=10) as form:
            fields = {name: value for name, value in form.items() if isinstance(value, str)}
        back = {"lang": fields["lang"]} if fields.get("lang") in WORDS else {}
        number = fields.get("page", "")
        back |= {"page": number} if number.isascii() and number.isdecimal() and len(number) < 6 else {}
        back["told"] = await act(fields)
    except Conflict as error:
        back["told"] = error.code if error.code in _REFUSED else "other"
    except AppError as error:
        return relay.notice(request, error, link, _tongue(request, back.get("lang")))
    return RedirectResponse(f"{relay.path_of(link)}/branch?{urlencode(back)}", status_code=303, headers=HEADERS)


def _notice(told: str, tongue: Tongue) -> str:
    """What the last press did. An address can be made up: it chooses among sentences, and says nothing of its own."""
    if told in _TOLD:
        return say(tongue, f"branch_said_{told}")
    return say(tongue, f"branch_refused_{told}") if told in (*_REFUSED, "other") else ""


def _row(place: Place, tongue: Tongue) -> Row:
    more = []
    if place.first:
        more.append(say(tongue, "branch_waits", name=place.first))
    if place.nudges:
        more.append(say(tongue, "branch_nudged", count=place.nudges))
    if place.state is State.FAILED:
        more.append(say_or(tongue, f"reason_{place.reason}", place.reason))
    look = "relayed_late" if place.state is State.RELAYED and place.late else place.state.value
    return Row(
        place=place,
        platform=say_or(tongue, f"platform_{place.platform}", say(tongue, "platform_other")),
        who=_who(place, tongue),
        look=_LOOKS.get(place.state, "cancelled" if place.state is State.SKIPPED else look),
        state=say(tongue, "branch_acknowledged" if look == "acknowledged" else f"state_{look}"),
        more=tuple(more),
    )


def _who(place: Place, tongue: Tongue) -> str:
    if place.bot:
        return say(tongue, "branch_bot")
    if place.outside:
        return say(tongue, "branch_outside")
    return say(tongue, "branch_has", name=place.leader) if place.leader else say(tongue, "branch_nobody")


def _tongue(request: Request, chosen: str | None, language: str | None = None) -> Tongue:
    return tongue_for(chosen=chosen, language=language, accepted=request.headers.get("accept-language", ""))
