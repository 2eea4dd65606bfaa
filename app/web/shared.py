"""The link in the main group: one for everybody, and each enrolled phone sees its own leader's groups behind it.

By itself the link speaks for nobody: whoever it does not know is asked for his code, or for his personal link."""

from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from app.core.errors import AppError, Forbidden
from app.domain.links import service as links
from app.flows.enrol import Enrolled, enrol, enter
from app.reports.relay_page import title_of
from app.web import relay
from app.web.pages import HEADERS, html
from app.web.proof_picture import LARGEST_FORM
from app.web.said import PHONE_COOKIE, Knock, Looking
from app.web.tongues import tongue_for
from app.web.words import Tongue

REMEMBERED = timedelta(days=400)
"""As long as browsers keep a cookie at most."""

router = APIRouter(include_in_schema=False)


@router.head("/g/{token}")
@router.get("/g/{token}")
async def show(request: Request, link: Looking) -> Response:
    """The leader's page on a phone that is known, else the question who it is. Changes nothing."""
    page = await link.peek()
    return relay.relay_html(request, link, page) if page else await _who(request, link)


@router.get("/g/{token}/picture")
async def picture(request: Request, link: Looking) -> Response:
    return await relay.picture(request, link)


@router.post("/g/{token}/relays/{relay_id}", max_body_size=LARGEST_FORM)
async def tell(request: Request, link: Looking, relay_id: str) -> Response:
    """As through a personal link."""
    return await relay.tell(request, link, relay_id)


@router.post("/g/{token}/all")
async def tell_all(request: Request, link: Looking) -> Response:
    return await relay.tell_all(request, link)


@router.post("/g/{token}/phone")
async def enter_code(request: Request, link: Looking) -> Response:
    """A leader types his code once; from then on the phone is known."""
    try:
        link.own()
        async with request.form(max_files=0, max_fields=10) as form:
            code = form.get("code")
        found = await enter(link.kit, link.key, code[:64] if isinstance(code, str) else "")
    except AppError as error:
        return relay.notice(request, error, link, _tongue(request))
    return _remembered(link, found) if found else await _who(request, link, wrong=True)


@router.post("/r/{token}/phone")
async def enrol_phone(request: Request, link: Looking) -> Response:
    """The phone on which a personal link was opened is known from now on."""
    try:
        link.own()
        found = await enrol(link.kit, link.key)
        if found is None:
            raise link.unknown()
    except AppError as error:
        return relay.notice(request, error, link, _tongue(request))
    return _remembered(link, found)


def _remembered(link: Knock, enrolled: Enrolled) -> Response:
    answer = RedirectResponse(relay.path_of(link), status_code=303, headers=HEADERS)
    answer.set_cookie(
        PHONE_COOKIE,
        enrolled.phone,
        max_age=int(REMEMBERED.total_seconds()),
        path=relay.prefix_of(link.kit) or "/",
        secure=link.kit.settings.base_url.startswith("https:"),
        httponly=True,
        samesite="lax",
    )
    return answer


async def _who(request: Request, link: Knock, *, wrong: bool = False) -> Response:
    async with link.kit.db.read() as tx:
        shared = await links.open_shared(tx, link.token)
        title = await title_of(tx, shared.campaign_id) if shared else None
    unknown = link.unknown() if title is None or wrong else None
    if unknown is not None and (title is None or unknown.status == 429):
        return relay.notice(request, unknown, link, _tongue(request))
    return html(
        "who.html",
        _tongue(request),
        request=request,
        status=Forbidden.status if wrong else 200,
        prefix=relay.prefix_of(link.kit),
        here=relay.path_of(link),
        title=title,
        wrong=wrong,
    )


def _tongue(request: Request) -> Tongue:
    accepted = request.headers.get("accept-language", "")
    return tongue_for(chosen=request.query_params.get("lang"), language=None, accepted=accepted)
