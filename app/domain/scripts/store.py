"""Every SQL statement of the script library."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import column, or_, table, update
from sqlmodel import col, select

from app.core import ids, paging
from app.core.db import Tx
from app.core.errors import Invalid
from app.domain.scripts.rules import Content, Variable, Version
from app.domain.scripts.states import Kind, Origin
from app.domain.scripts.tables import Script, ScriptVersion

# Another feature's table, by name, as our foreign keys know it.
_CENTERS = table("center", column("id"))


async def centers(tx: Tx) -> list[str]:
    """The id of every center."""
    return [row.id for row in await tx.table(select(_CENTERS.c.id).order_by(_CENTERS.c.id))]


async def hold(tx: Tx, center_id: str, contents: Sequence[Content]) -> dict[str, str]:
    """Make sure a row stands for each of these slugs and hold it until the commit; answers `{slug: script id}`.
    Rows are taken in the order of their slugs, so that two who hold many do not wait for each other."""
    fresh = [
        {
            "id": ids.new("scr"),
            "center_id": center_id,
            "slug": content.slug,
            "category": content.category,
            "title": content.title,
            "latest": 0,
            "created_at": tx.now,
        }
        for content in sorted(contents, key=lambda content: content.slug)
    ]
    await tx.insert(Script, fresh, once=True)
    rows = await tx.all(
        select(Script)
        .where(Script.center_id == center_id, col(Script.slug).in_([content.slug for content in contents]))
        .order_by(col(Script.slug))
        .with_for_update()
    )
    return {row.slug: row.id for row in rows}


async def newest(tx: Tx, script_ids: Sequence[str]) -> dict[str, Version]:
    """The newest version of each of these scripts that has one, by script id."""
    rows = await tx.joined(_versions().where(col(Script.id).in_(script_ids), ScriptVersion.version == Script.latest))
    return {script.id: _version(script, row) for script, row in rows}


async def append(tx: Tx, script_id: str, content: Content, *, version: int, origin: Origin) -> None:
    """Add the next version of a script that is held."""
    row = {
        "id": ids.new("ver"),
        "script_id": script_id,
        "version": version,
        "digest": content.digest,
        "title": content.title,
        "category": content.category,
        "variables": [asdict(variable) for variable in content.variables],
        "texts": dict(content.texts),
        "format": content.format.value,
        "source": origin.value,
        "created_at": tx.now,
    }
    await tx.insert(ScriptVersion, [row])
    await tx.run(
        update(Script)
        .where(col(Script.id) == script_id)
        .values(latest=version, title=content.title, category=content.category)
    )


async def find(tx: Tx, center_id: str, slug: str, version: int | None) -> Version | None:
    """One version of a script, by default the newest."""
    wanted = ScriptVersion.version == (Script.latest if version is None else version)
    rows = await tx.joined(_versions().where(Script.center_id == center_id, Script.slug == slug, wanted))
    return _version(*rows[0]) if rows else None


async def page(
    tx: Tx, center_id: str, *, category: str | None, q: str | None, limit: int, cursor: str | None
) -> paging.Page[Version]:
    """The newest version of each of a center's scripts, the oldest script first."""
    query = _versions().where(Script.center_id == center_id, ScriptVersion.version == Script.latest)
    if category is not None:
        query = query.where(Script.category == category)
    if q:
        places = (Script.slug, Script.title, Script.category)
        query = query.where(or_(*(col(place).icontains(q, autoescape=True) for place in places)))
    after = paging.decode(cursor)
    if after is not None:
        query = query.where(col(Script.id) > after)
    rows = [_version(*row) for row in await tx.joined(query.order_by(col(Script.id)).limit(limit + 1))]
    more = paging.encode(rows[limit - 1].script_id) if len(rows) > limit else None
    return paging.Page(rows[:limit], more)


async def versions(tx: Tx, center_id: str, slug: str, *, limit: int, cursor: str | None) -> paging.Page[Version]:
    """Every version of one script, the newest first."""
    query = _versions().where(Script.center_id == center_id, Script.slug == slug)
    before = paging.decode(cursor)
    if before is not None:
        if not (before.isascii() and before.isdecimal() and len(before) < 10):
            raise Invalid.field("/query/cursor", "This cursor was not given out by this list.")
        query = query.where(col(ScriptVersion.version) < int(before))
    rows = [
        _version(*row) for row in await tx.joined(query.order_by(col(ScriptVersion.version).desc()).limit(limit + 1))
    ]
    more = paging.encode(str(rows[limit - 1].version)) if len(rows) > limit else None
    return paging.Page(rows[:limit], more)


def _versions() -> Any:
    return select(Script, ScriptVersion).join(ScriptVersion, col(ScriptVersion.script_id) == col(Script.id))


def _version(script: Script, row: ScriptVersion) -> Version:
    content = Content(
        slug=script.slug,
        title=row.title,
        category=row.category,
        texts=dict(row.texts),
        variables=tuple(_variable(one) for one in row.variables),
        format=row.format,
    )
    return Version(row.id, script.id, row.version, Origin(row.source), row.created_at, content)


def _variable(stored: Mapping[str, Any]) -> Variable:
    return Variable(**{**stored, "type": Kind(stored["type"]), "choices": tuple(stored["choices"])})
