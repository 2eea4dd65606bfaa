"""The script library to read: what there is, one script's words as each platform would get them, its older versions."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from app.core.text import Line
from app.domain.scripts import service as scripts
from app.flows.preview_script import preview_script
from app.reports.library import categories
from app.web.desk import Reads
from app.web.previews import gathered, platform_name

router = APIRouter(prefix="/scripts")

ROWS = 50
VERSIONS = 20

Slug = Annotated[str, Path(max_length=64, pattern="^[a-z0-9]+(-[a-z0-9]+)*$")]
Search = Annotated[Line, Query(max_length=200)]


@router.get("")
async def index(desk: Reads, q: Search = "", category: Search = "", cursor: str | None = None) -> Response:
    async with desk.kit.db.read() as tx:
        page = await scripts.library(
            tx, desk.center_id, category=category or None, q=q or None, limit=ROWS, cursor=cursor
        )
        known = await categories(tx, desk.center_id)
    return desk.page("scripts.html", page=page, categories=known, q=q, category=category)


@router.get("/{slug}")
async def show(desk: Reads, slug: Slug, version: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None) -> Response:
    """One version, by default the newest; the declared examples stand in for its variables."""
    async with desk.kit.db.read() as tx:
        found = await preview_script(tx, desk.kit.channels, desk.center_id, slug, version=version, examples=True)
        older = await scripts.versions(tx, desk.center_id, slug, limit=VERSIONS)
    return desk.page(
        "script.html",
        version=found.version,
        newest=older.items[0].version,
        platform_name=platform_name,
        shown=gathered(found.texts),
        versions=older.items,
    )
