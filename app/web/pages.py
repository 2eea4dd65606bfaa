"""Templates, versioned static files, and the headers every page carries."""

import gzip
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.channels.chats import chat_link
from app.domain.pictures.service import Bytes
from app.web.tongues import say
from app.web.words import Tongue

STATIC = Path(__file__).with_name("static")
STATIC_PATH = "/static"
TEMPLATES = Path(__file__).with_name("templates")

HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; "
        "img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'"
    ),
}

_ONE_PACKET = 1_400

_VERSIONS = {
    path.relative_to(STATIC).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    for path in STATIC.rglob("*")
    if path.is_file()
}

templates = Environment(
    loader=FileSystemLoader([TEMPLATES, TEMPLATES / "board"]),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

templates.globals["chat_link"] = chat_link


class Assets(StaticFiles):
    """The static files, kept for ever by whoever asks with the version the pages name; compressed where he takes
    it."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code == 200 and path in _VERSIONS and path.endswith((".css", ".js")):
            response.headers["Vary"] = "Accept-Encoding"
            if "gzip" in Headers(scope=scope).get("accept-encoding", ""):
                headers = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
                response = Response(_gzipped(path), headers=headers, media_type=response.media_type)
        if response.status_code == 200 and scope["query_string"] == f"v={_VERSIONS.get(path)}".encode():
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


@cache
def _gzipped(path: str) -> bytes:
    return gzip.compress((STATIC / path).read_bytes(), 9, mtime=0)


def assets() -> Assets:
    """What to mount at STATIC_PATH."""
    return Assets(directory=STATIC)


def asset(name: str) -> str:
    """The versioned path of a static file."""
    return f"{STATIC_PATH}/{name}?v={_VERSIONS[name]}"


def html(
    template: str,
    tongue: Tongue,
    *,
    request: Request,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **values: object,
) -> Response:
    """A page in one language. In templates `say` speaks that language and `asset` names static files.

    Sent compressed where the browser takes it: forty groups shrink to a tenth, and nothing a stranger chooses stands
    beside the token in the page, so its length tells nothing."""

    def speak(key: str, **places: object) -> str:
        return say(tongue, key, **places)

    other = "en" if tongue == "zh" else "zh"
    page = templates.get_template(template).render(say=speak, asset=asset, tongue=tongue, other=other, **values)
    return packed(page, request=request, status=status, headers={**HEADERS, **(headers or {})})


def picture_file(picture: Bytes) -> Response:
    """A picture on its way out, kept by the browser of whoever may see it: it never changes."""
    shown = {
        "Cache-Control": "private, max-age=86400",
        "Content-Disposition": f'inline; filename="{picture.kind.filename}"',
    }
    return Response(picture.content, media_type=picture.kind.media_type, headers={**HEADERS, **shown})


def packed(
    page: str, *, request: Request, status: int, headers: dict[str, str], media_type: str = "text/html"
) -> Response:
    """A page on its way out, compressed where that saves a packet and the browser takes it."""
    body, sent = page.encode(), {**headers, "Vary": "Accept-Encoding"}
    if len(body) > _ONE_PACKET and "gzip" in request.headers.get("accept-encoding", ""):
        body, sent = gzip.compress(body, 6, mtime=0), {**sent, "Content-Encoding": "gzip"}
    return Response(body, status_code=status, headers=sent, media_type=media_type)
