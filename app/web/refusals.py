"""Every refusal as a page where a browser asks; programs go on getting problem documents."""

import inspect
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from app.core.errors import AppError, Unauthorized
from app.core.outages import is_outage
from app.web.desk import render
from app.web.doors import door_to
from app.web.gate import TooMany
from app.web.pages import HEADERS
from app.web.reader import Reader, reader_of

Answer = Callable[[Request, Any], Any]

_OTHERS = ("/api/", "/r/", "/g/", "/hooks/", "/static/", "/healthz", "/readyz", "/metrics", "/openapi.json")
_KNOWN = {400, 403, 404, 409, 422, 429, 503}


def install(app: FastAPI) -> None:
    """Stand in front of the handlers that are there."""
    for kind in (AppError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, _instead_of(app.exception_handlers[kind]))


def _instead_of(before: Answer) -> Answer:
    async def handler(request: Request, error: Exception) -> Response:
        if _by_browser(request):
            return _page(request, error)
        answer = before(request, error)
        found: Response = await answer if inspect.isawaitable(answer) else answer
        return found

    return handler


def _by_browser(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith(_OTHERS)


def _page(request: Request, error: Exception) -> Response:
    reader = reader_of(request, request.app.state.kit)
    if isinstance(error, Unauthorized):
        return _to_the_door(request, reader)
    found = _status(error)
    status = found if found in _KNOWN else 404 if 400 <= found < 500 else 500
    code = error.code if isinstance(error, AppError) else ""
    return render(
        "oops.html",
        reader,
        request=request,
        status=found,
        headers={"Retry-After": "60"} if isinstance(error, TooMany) else {},
        desk=None,
        heading=reader.say(f"oops_{status}"),
        body=reader.say_or(f"oops_{code}", reader.say(f"oops_{status}_body")),
        detail=error.sentence if isinstance(error, AppError) and status in {409, 422} else "",
    )


def _to_the_door(request: Request, reader: Reader) -> Response:
    """A page that is asked for is shown after signing in; htmx is told to take the whole page there."""
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.headers.get("hx-request") == "true":
        at = urlsplit(request.headers.get("hx-current-url", ""))
        asked = at.path.removeprefix(reader.prefix) + (f"?{at.query}" if at.query else "")
        return Response(status_code=401, headers={**HEADERS, "HX-Redirect": reader.to(door_to(asked))})
    where = reader.to(door_to(asked if request.method == "GET" else "/"))
    return RedirectResponse(where, status_code=303, headers=HEADERS)


def _status(error: Exception) -> int:
    if isinstance(error, AppError | HTTPException):
        return error.status if isinstance(error, AppError) else error.status_code
    if isinstance(error, RequestValidationError):
        return 404 if any(each["loc"][0] == "path" for each in error.errors()) else 422
    return 503 if is_outage(error) else 500
