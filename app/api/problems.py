"""Every error as a problem document (RFC 9457): what went wrong, in a sentence, with a code and JSON pointers."""

import http
import json
import traceback
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from app.api.shapes import Shape
from app.core.errors import AppError, FieldError, Unauthorized, Unavailable
from app.core.outages import is_outage

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 5
_MOST_ERRORS = 100
_MOST_LETTERS = 300

_CODES = {
    400: "malformed",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
}
_SENTENCES = {
    400: "The request body could not be read.",
    404: "There is nothing at this address.",
    405: "This address does not know that method.",
    413: "The request body is larger than this address accepts.",
}


class ProblemField(Shape):
    """One field and what is wrong with it; `pointer` is a JSON pointer, e.g. `/audience/branches/0` into the body,
    `/query/limit` or `/path/id` outside it."""

    pointer: str
    message: str


class Problem(Shape):
    """An error. `code` is stable and meant for programs, `detail` for people."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str
    errors: list[ProblemField] | None = None


_DOCUMENTED = {
    "description": "An error, as a problem document (RFC 9457).",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
# Documented on every route; `with_problem` adds the schema it names.
RESPONSES: dict[int | str, dict[str, Any]] = {"4XX": _DOCUMENTED, "5XX": _DOCUMENTED}


def with_problem(document: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI document with the schema of problems."""
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    inner = schema.pop("$defs", {})
    document.setdefault("components", {}).setdefault("schemas", {}).update({**inner, "Problem": schema})
    return document


def problem(
    status: int,
    *,
    code: str,
    detail: str,
    errors: Iterable[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """One problem document. Strings are cut and cleaned, so that nothing hostile breaks or fills the answer."""
    content: dict[str, object] = {
        "type": "about:blank",
        "title": http.HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": _clean(detail),
    }
    fields = [{"pointer": _clean(each.pointer), "message": _clean(each.message)} for each in errors]
    if fields:
        content["errors"] = fields
    body = json.dumps(content, ensure_ascii=False).encode()
    return Response(body, status, headers={"Cache-Control": "no-store", **(headers or {})}, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every exception with a problem document."""
    app.add_exception_handler(AppError, _app_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unexpected)


async def _app_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)
    headers = {}
    if isinstance(error, Unauthorized):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, Unavailable):
        headers["Retry-After"] = str(RETRY_AFTER_S)
    return problem(error.status, code=error.code, detail=error.sentence, errors=error.errors, headers=headers)


async def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(each["type"] == "json_invalid" for each in found):
        return problem(400, code="malformed_json", detail="The request body is not valid JSON.")
    if isinstance(error.body, bytes) and any(tuple(each["loc"]) == ("body",) for each in found):
        return problem(415, code=_CODES[415], detail="Send the body as JSON, with `Content-Type: application/json`.")
    fields = [FieldError(pointer(each["loc"]), _sentence(each)) for each in found[:_MOST_ERRORS]]
    first = fields[0]
    detail = f"{first.pointer}: {first.message}" if first.pointer else first.message
    return problem(422, code=_CODES[422], detail=detail, errors=fields)


async def _http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = _SENTENCES.get(error.status_code, f"{error.detail}")
    code = _CODES.get(error.status_code, "error")
    return problem(error.status_code, code=code, detail=detail, headers=error.headers)


def too_large() -> Response:
    return problem(413, code=_CODES[413], detail=_SENTENCES[413])


async def _unexpected(_request: Request, error: Exception) -> Response:
    """The answer to what nobody foresaw. `Edge` logs it: this handler's caller raises it again."""
    if is_outage(error):
        return problem(
            503,
            code="database_unavailable",
            detail="The database does not answer; try again in a moment.",
            headers={"Retry-After": str(RETRY_AFTER_S)},
        )
    return problem(500, code="internal", detail="Something went wrong inside; it was logged.")


def note(error: Exception, *, route: str, method: str) -> None:
    """Log what nobody foresaw: where, and of which kind, but no message, for it may hold values."""
    kind = type(error).__name__
    if is_outage(error):
        log.warning("database_unavailable", route=route, method=method, because=kind)
        return
    if isinstance(error, ClientDisconnect):
        log.info("client_hung_up", route=route, method=method)  # a preview whose form was filled in further
        return
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    where = " < ".join(f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    log.error("request_failed", route=route, method=method, because=kind, where=where)


def pointer(location: Sequence[object]) -> str:
    """A JSON pointer for pydantic's location: into the body, or with `/query`, `/path`, `/header` in front."""
    parts = location[1:] if location and location[0] == "body" else location
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


def _sentence(error: Mapping[str, Any]) -> str:
    if error["type"] == "extra_forbidden":
        return "This field is unknown."
    if error["type"] == "missing":
        return "This field is required."
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"{message[:1].upper()}{message[1:].rstrip('.')}."


def _clean(text: str) -> str:
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]}…"
