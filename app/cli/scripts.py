"""`muster scripts`: the library of prepared messages, kept directly on the database."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from app.channels.registry import channels
from app.cli.local import ACTOR, center_named, database
from app.cli.terminal import AsJson, printable, show_json, show_table
from app.core.db import Tx
from app.domain.scripts import service
from app.domain.scripts.rules import Version
from app.domain.scripts.service import STARTERS, SyncReport
from app.domain.scripts.states import Origin
from app.flows.preview_script import Previews, preview_script

app = typer.Typer(no_args_is_help=True)

_PAGE = 200

Center = Annotated[str | None, typer.Option("--center", help="The center's name or id, where there are several.")]


def _assigned(given: list[str]) -> list[str]:
    for one in given:
        if not one.partition("=")[1]:
            raise typer.BadParameter(f"{one} is no name=value.")
    return given


@app.command("sync")
def sync(
    folder: Annotated[
        Path | None, typer.Option(help="A folder of script files; by default the starter scripts.", file_okay=False)
    ] = None,
    center: Center = None,
    as_json: AsJson = False,
) -> None:
    """Bring a center's library up to the files of a folder; a file that changed becomes a new version.

    Example: muster scripts sync --folder ./our-scripts
    """
    report = asyncio.run(_sync(folder, center))
    if as_json:
        show_json(asdict(report))
        return
    for fate, slugs in asdict(report).items():
        print(f"{fate.replace('_', ' ')}: {len(slugs)}{' (' + ', '.join(slugs) + ')' if slugs else ''}")


@app.command("list")
def list_scripts(
    category: Annotated[str | None, typer.Option(help="Only this category.")] = None,
    q: Annotated[str | None, typer.Option("--q", help="Look for this in slug, title and category.")] = None,
    center: Center = None,
    as_json: AsJson = False,
) -> None:
    """List the scripts in their newest version.

    Example: muster scripts list --category event
    """
    found = [_row(version) for version in asyncio.run(_list(category, q, center))]
    if as_json:
        show_json(found)
        return
    head = ("slug", "version", "category", "title", "languages", "variables")
    show_table(head, [[_cell(row[column]) for column in head] for row in found])


@app.command("preview")
def preview(
    slug: Annotated[str, typer.Argument(help="The script's slug, as `muster scripts list` shows it.")],
    *,
    values: Annotated[
        list[str] | None, typer.Option("--set", help="name=value; examples stand in for the others.")
    ] = None,
    language: Annotated[str | None, typer.Option(help="Only this language.")] = None,
    platform: Annotated[str | None, typer.Option(help="Only this platform.")] = None,
    version: Annotated[int | None, typer.Option(help="By default the newest.", min=1)] = None,
    center: Center = None,
    as_json: AsJson = False,
) -> None:
    """Show a script's text as each platform would get it, and whether it fits.

    Example: muster scripts preview welcome --language zh --platform wecom --set hours=9:00-18:00
    """
    given = {name: value for name, _, value in (one.partition("=") for one in _assigned(values or []))}
    shown = asyncio.run(_preview(slug, given, center, language=language, platform=platform, version=version))
    if as_json:
        texts = [asdict(text) for text in shown.texts]
        show_json({"slug": slug, "version": shown.version.version, "texts": texts})
        return
    for text in shown.texts:
        most = f" of {text.limit}" if text.limit is not None else ""
        fits = "" if text.fits else ", TOO LONG"
        print(f"── {text.platform} {text.language} · {text.size}{most} {text.unit}{fits}")
        print("\n".join(printable(line) for line in text.text.split("\n")), end="\n\n")


def _row(version: Version) -> dict[str, object]:
    content = version.content
    return {
        "slug": content.slug,
        "version": version.version,
        "category": content.category,
        "title": content.title,
        "languages": list(content.languages),
        "variables": [variable.name for variable in content.variables],
        "origin": version.origin.value,
    }


def _cell(value: object) -> object:
    return ", ".join(value) if isinstance(value, list) else value


async def _sync(folder: Path | None, center: str | None) -> SyncReport:
    files = service.read_library(folder or STARTERS)
    origin = Origin.FOLDER if folder else Origin.LIBRARY
    async with database() as (db, _), db.write() as tx:
        return await service.sync(tx, await center_named(tx, center), files, actor=ACTOR, origin=origin)


async def _list(category: str | None, q: str | None, center: str | None) -> list[Version]:
    async with database() as (db, _), db.read() as tx:
        return await _all(tx, await center_named(tx, center), category=category, q=q)


async def _all(tx: Tx, center_id: str, *, category: str | None, q: str | None) -> list[Version]:
    found: list[Version] = []
    cursor: str | None = None
    while True:
        page = await service.library(tx, center_id, category=category, q=q, limit=_PAGE, cursor=cursor)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            return sorted(found, key=lambda version: version.content.slug)


async def _preview(
    slug: str,
    values: dict[str, str],
    center: str | None,
    *,
    language: str | None,
    platform: str | None,
    version: int | None,
) -> Previews:
    async with database() as (db, _), db.read() as tx:
        return await preview_script(
            tx,
            channels(),
            await center_named(tx, center),
            slug,
            version=version,
            values=values,
            language=language,
            platform=platform,
            examples=True,
        )
