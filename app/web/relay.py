"""The leader's page behind a relay link. Looking changes nothing; each button is a POST that leads back to the page."""

import json
import re
from typing import Any
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.types import Receive, Scope

from app.core.errors import AppError, Forbidden, Gone, Invalid, NotFound
from app.domain.links import rules as links
from app.flows.kit import Kit
from app.reports.relay_page import RelayPage
from app.web import proof_picture
from app.web.fields import shaped
from app.web.gate import TooMany
from app.web.pages import HEADERS, html, picture_file
from app.web.proof_picture import FIELD, LARGEST_FORM, TooLarge, picture_in, sent_form
from app.web.said import Knock, Looking, NotYours, Said, SaidOfAll
from app.web.tongues import tongue_for
from app.web.view import REASONS, view
from app.web.words import WORDS, Tongue

# The page of each refusal: its phrase in the catalogue, its symbol, and whether the leader's page still stands.
_NOTICES: dict[type[AppError], tuple[str, str, bool]] = {
    NotFound: ("lost", "lost", False),
    NotYours: ("not_yours", "passed", True),
    TooMany: ("noisy", "wait", False),
    Forbidden: ("foreign", "lost", False),
    Gone: ("cancelled", "cancelled", True),
    TooLarge: ("picture_too_large", "lost", True),
}
_NAMED = {"proof_needed", "wrong_code", "not_a_picture", "pictures_enough"}
_ONE_WORD = re.compile(r"/[rg]/([^/]+)/relays/[^/]+")

router = APIRouter(prefix="/r", include_in_schema=False)


@router.head("/{token}")
@router.get("/{token}")
async def show(request: Request, link: Looking) -> Response:
    """The page. Any program may fetch it any number of times: nothing happens."""
    asked = request.query_params
    accepted = request.headers.get("accept-language", "")
    try:
        page = await link.look()
    except AppError as error:
        return notice(request, error, link, tongue_for(chosen=asked.get("lang"), language=None, accepted=accepted))
    return relay_html(request, link, page)


def relay_html(request: Request, link: Knock, page: RelayPage) -> Response:
    """The page of whoever the link knows."""
    asked = request.query_params
    accepted = request.headers.get("accept-language", "")
    tongue = tongue_for(chosen=asked.get("lang"), language=page.language, accepted=accepted)
    return html(
        "relay.html",
        tongue,
        request=request,
        prefix=prefix_of(link.kit),
        here=path_of(link),
        page=view(page, tongue, asked.get("said")),
        reasons=REASONS,
        leads=page.leads,
        known=bool(link.key.phone) or not page.main_group or page.called_off,
    )


@router.get("/{token}/picture")
async def picture(request: Request, link: Looking) -> Response:
    """What goes with the text, for whoever the link knows, to be saved on his phone. Changes nothing."""
    try:
        found = await link.picture()
    except AppError as error:
        return notice(request, error, link, tongue_for(chosen=None, language=None, accepted=""))
    return picture_file(found)


@router.post("/{token}/relays/{relay_id}", max_body_size=LARGEST_FORM)
async def tell(request: Request, link: Looking, relay_id: str) -> Response:
    """One word about one group: a form leads back to the page, JSON is answered as JSON. A form of many parts may have
    the picture of a proof, `proof_picture`."""
    if is_json(request):
        link.own()
        answer = await link.tell(relay_id, shaped(Said, await _object(request)))
        return JSONResponse(answer.model_dump(mode="json"), headers=HEADERS)
    return await _form(request, link, relay_id)


@router.post("/{token}/all")
async def tell_all(request: Request, link: Looking) -> Response:
    """Every open group is done: as `tell`."""
    if is_json(request):
        link.own()
        answers = await link.tell_all(shaped(SaidOfAll, await _object(request)))
        return JSONResponse(answers.model_dump(mode="json"), headers=HEADERS)
    return await _form(request, link, None)


async def _form(request: Request, link: Knock, relay_id: str | None) -> Response:
    """Do what the form says and go back to the page, whose path is built from the token and nothing else."""
    lang: dict[str, str] = {}
    try:
        link.own()
        async with sent_form(request, link, relay_id) as form:
            fields: dict[str, Any] = {name: form[name] for name in form if name != FIELD}
            fields["relays"] = " ".join(map(str, form.getlist("relays"))).split() or None
            lang = _chosen(fields.pop("lang", None))
            picture = await picture_in(form) if fields.get("action") == "done" else None
        if relay_id is None:
            await link.tell_all(shaped(SaidOfAll, fields))
        else:
            await link.tell(relay_id, shaped(Said, _own_words(fields)), picture=picture)
    except AppError as error:
        accepted = request.headers.get("accept-language", "")
        return notice(request, error, link, tongue_for(chosen=lang.get("lang"), language=None, accepted=accepted))
    said = {"said": relay_id} if relay_id else {}
    return RedirectResponse(f"{path_of(link)}?{urlencode({**lang, **said})}", status_code=303, headers=HEADERS)


def _chosen(lang: object) -> dict[str, str]:
    return {"lang": lang} if isinstance(lang, str) and lang in WORDS else {}


def _own_words(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of one word. A button with a reason means "cannot"; "other" gives way to the leader's own words."""
    fields.pop("relays")
    words = fields.pop("words", "")
    if "reason" not in fields:
        return fields
    reason = words if words and fields["reason"] == "other" else fields["reason"]
    return {"action": "cannot", **fields, "reason": reason}


def notice(request: Request, error: AppError, link: Knock, tongue: Tongue) -> Response:
    """A refusal as a page of its own."""
    phrase, look, stands = _NOTICES.get(type(error), ("refused", "lost", True))
    phrase = error.code if error.code in _NAMED else phrase
    return html(
        "notice.html",
        tongue,
        request=request,
        status=error.status,
        headers={"Retry-After": "60"} if isinstance(error, TooMany) else None,
        prefix=prefix_of(link.kit),
        phrase=phrase,
        body="invalid_body" if isinstance(error, Invalid) and phrase == "refused" else f"{phrase}_body",
        look=look,
        back=path_of(link) if stands else None,
        switch=request.method in {"GET", "HEAD"},
    )


async def too_large(scope: Scope, receive: Receive) -> Response | None:
    """The answer to a form with a picture that is longer than one may be; None where it was no such form."""
    request = Request(scope, receive)
    at = _ONE_WORD.fullmatch(request.url.path)
    if at is None or not proof_picture.is_multipart(request):
        return None
    await proof_picture.hear_out(request, receive)
    tongue = tongue_for(chosen=None, language=None, accepted=request.headers.get("accept-language", ""))
    return notice(request, proof_picture.too_large(), Knock(request, at[1]), tongue)


def path_of(link: Knock) -> str:
    """The page's own path, without whatever a chat program glued to the token."""
    token = links.trimmed(link.token) or ""
    return f"{prefix_of(link.kit)}/{'g' if token.startswith(links.SHARED) else 'r'}/{token}"


def prefix_of(kit: Kit) -> str:
    """The path under which the house is reached from outside."""
    return urlsplit(kit.settings.base_url).path.rstrip("/")


def is_json(request: Request) -> bool:
    return request.headers.get("content-type", "").lower().startswith("application/json")


async def _object(request: Request) -> object:
    body = await request.body()
    try:
        return json.loads(body) if body else {}
    except (ValueError, RecursionError) as error:
        raise Invalid("malformed_json", "The request body is not valid JSON.") from error
