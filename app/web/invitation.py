"""The page of an invitation to answer for a group. Looking changes nothing; yes and no are POSTs that lead back."""

from typing import Annotated, Any, Literal
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, ValidationError

from app.core import tokens
from app.core.errors import AppError, Forbidden, Invalid
from app.domain.invitations import service as invitations
from app.flows.invite import Answered, accept, decline
from app.reports.invitation_page import InvitationPage, invitation_page
from app.web import moments
from app.web.gate import TooMany
from app.web.pages import HEADERS, html
from app.web.said import Knock, Words, knock
from app.web.tongues import tongue_for
from app.web.words import Tongue

router = APIRouter(prefix="/i", include_in_schema=False)

Invited = Annotated[Knock, Depends(knock)]


class Reply(BaseModel):
    """Yes, or no with a reason."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    action: Literal["accept", "decline"]
    reason: Words = ""
    lang: Literal["zh", "en"] = "zh"


@router.head("/{token}")
@router.get("/{token}")
async def show(request: Request, link: Invited) -> Response:
    """The page. Any program may fetch it any number of times: nothing happens."""
    try:
        page = await _look(link)
    except AppError as error:
        return _notice(request, error, link)
    tongue = _tongue(request)
    zone = moments.zone_of(page.timezone)
    until = moments.spoken(page.expires_at, now=page.now, zone=zone, tongue=tongue)
    until += f" ({moments.zone_name(zone, page.expires_at, tongue)})"
    return html(
        "invitation.html", tongue, request=request, prefix=_prefix(link), here=_path(link), page=page, until=until
    )


@router.post("/{token}")
async def answer(request: Request, link: Invited) -> Response:
    """One word; said again it answers how it stands."""
    try:
        link.own()
        async with request.form(max_files=0, max_fields=10) as form:
            reply = _reply({name: form[name] for name in form})
        found = await _tell(link, reply)
        if found is None:
            raise link.unknown()
    except AppError as error:
        return _notice(request, error, link)
    return RedirectResponse(f"{_path(link)}?{urlencode({'lang': reply.lang})}", status_code=303, headers=HEADERS)


async def _look(link: Knock) -> InvitationPage:
    async with link.kit.db.read() as tx:
        found = await invitations.opened(tx, link.token)
        if found is not None:
            return await invitation_page(tx, found.id)
    raise link.unknown()


async def _tell(link: Knock, reply: Reply) -> Answered | None:
    if reply.action == "accept":
        return await accept(link.kit, link.token, language=reply.lang)
    return await decline(link.kit, link.token, reason=reply.reason)


def _reply(fields: dict[str, Any]) -> Reply:
    try:
        return Reply.model_validate(fields)
    except ValidationError as error:
        raise Invalid("invalid", "An invitation is accepted or declined.") from error


def _notice(request: Request, error: AppError, link: Knock) -> Response:
    known = {429: ("noisy", "wait"), 403: ("foreign", "lost"), 422: ("refused", "lost")}
    phrase, look = known.get(error.status, ("lost", "lost"))
    return html(
        "notice.html",
        _tongue(request),
        request=request,
        status=error.status,
        headers={"Retry-After": "60"} if isinstance(error, TooMany) else None,
        prefix=_prefix(link),
        phrase=phrase,
        body="invalid_body" if isinstance(error, Invalid) else f"{phrase}_body",
        look=look,
        back=_path(link) if isinstance(error, Invalid | Forbidden) else None,
        switch=request.method in {"GET", "HEAD"},
    )


def _tongue(request: Request) -> Tongue:
    accepted = request.headers.get("accept-language", "")
    return tongue_for(chosen=request.query_params.get("lang"), language=None, accepted=accepted)


def _path(link: Knock) -> str:
    """The page's own path, without whatever a chat program glued to the token."""
    return f"{_prefix(link)}/i/{tokens.trimmed(invitations.KIND, link.token) or ''}"


def _prefix(link: Knock) -> str:
    return urlsplit(link.kit.settings.base_url).path.rstrip("/")
