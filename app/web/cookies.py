"""The cookies of the operator's pages: who is signed in, in which language he reads."""

from starlette.requests import Request
from starlette.responses import Response

from app.domain.sessions.rules import LONGEST
from app.flows.kit import Kit
from app.web.reader import LANGUAGE

_YEAR_S = 365 * 24 * 3600


def _secure(kit: Kit) -> bool:
    return kit.settings.base_url.startswith("https://")


def _name(kit: Kit) -> str:
    """`__Host-` binds a cookie to this very host, and browsers take it only over TLS."""
    return "__Host-muster" if _secure(kit) else "muster"


def session_token(request: Request, kit: Kit) -> str | None:
    return request.cookies.get(_name(kit))


def keep_session(response: Response, kit: Kit, token: str) -> None:
    _set(response, kit, _name(kit), token, max_age=int(LONGEST.total_seconds()))


def drop_session(response: Response, kit: Kit) -> None:
    _set(response, kit, _name(kit), "", max_age=0)


def keep_language(response: Response, kit: Kit, tongue: str) -> None:
    _set(response, kit, LANGUAGE, tongue, max_age=_YEAR_S)


def _set(response: Response, kit: Kit, name: str, value: str, *, max_age: int) -> None:
    response.set_cookie(name, value, max_age=max_age, path="/", secure=_secure(kit), httponly=True, samesite="lax")
