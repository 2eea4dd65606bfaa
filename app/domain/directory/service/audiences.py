"""Saved audiences: lists of branches, tags and groups under a name, read afresh whenever one is used."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.core import audit, ids, paging
from app.core.db import Tx
from app.core.errors import Conflict, FieldError, Invalid, NotFound
from app.core.text import comparable
from app.domain.directory.store import audiences as store
from app.domain.directory.store import selection
from app.domain.directory.tables import SavedAudience

Lists = dict[str, list[str]]
"""`branches`, `tags`, `groups`, `exclude`."""


@dataclass(frozen=True)
class Counted:
    """A saved audience and how many active groups it means now. `gone` are the ids it names that are no more: until it
    is mended no campaign can use it, for what is left of it might mean everybody."""

    audience: SavedAudience
    groups: int
    gone: list[str]


async def one(tx: Tx, center_id: str, audience_id: str) -> SavedAudience:
    """Raises NotFound."""
    found = await store.find(tx, center_id, audience_id)
    if found is None:
        raise NotFound("audience_unknown", "There is no such audience.")
    return found


async def counted(tx: Tx, audience: SavedAudience) -> Counted:
    size = await store.size(tx, audience.center_id, audience.lists)
    return Counted(audience, size, [name for _, name in await _gone(tx, audience.center_id, audience.lists)])


async def listed(tx: Tx, center_id: str, *, limit: int, cursor: str | None) -> paging.Page[Counted]:
    page = await store.page(tx, center_id, limit=limit, cursor=cursor)
    return paging.Page([await counted(tx, each) for each in page.items], page.next_cursor)


async def create(tx: Tx, center_id: str, *, name: str, lists: Lists, actor: str) -> SavedAudience:
    """Raises Invalid for what is not this center's, Conflict where an audience has this name."""
    await _checked(tx, center_id, name=name, lists=lists, besides=None)
    row = {"id": ids.new("aud"), "center_id": center_id, "name": name, "name_key": comparable(name), "lists": lists}
    await store.add(tx, row | {"created_at": tx.now, "updated_at": tx.now})
    await audit.note(tx, center_id, actor=actor, action="audience.create", subject=str(row["id"]), name=name)
    return await one(tx, center_id, str(row["id"]))


async def change(tx: Tx, audience: SavedAudience, *, name: str, lists: Lists, actor: str) -> SavedAudience:
    """Raises as `create`. Campaigns that were drafted before keep the lists they were drafted with."""
    await _checked(tx, audience.center_id, name=name, lists=lists, besides=audience.id)
    await store.change(tx, audience.id, name=name, name_key=comparable(name), lists=lists, updated_at=tx.now)
    await audit.note(tx, audience.center_id, actor=actor, action="audience.change", subject=audience.id, name=name)
    return await one(tx, audience.center_id, audience.id)


async def remove(tx: Tx, audience: SavedAudience, *, actor: str) -> None:
    await store.remove(tx, audience.id)
    detail = {"name": audience.name}
    await audit.note(tx, audience.center_id, actor=actor, action="audience.delete", subject=audience.id, **detail)


async def resolve(tx: Tx, center_id: str, audience_id: str, *, pointer: str) -> Mapping[str, list[str]]:
    """The lists of a saved audience, for a campaign. Raises Invalid for an unknown one, and for one that names a branch
    or a group that is gone."""
    found = await store.find(tx, center_id, audience_id)
    if found is None:
        raise Invalid.field(pointer, "There is no such audience in this center.")
    if gone := await _gone(tx, center_id, found.lists):
        sentence = (
            f"The audience “{found.name}” names what is gone: {', '.join(name for _, name in gone[:5])}. Mend it."
        )
        raise Invalid.field(pointer, sentence, code="audience_outdated")
    return found.lists


async def _checked(tx: Tx, center_id: str, *, name: str, lists: Lists, besides: str | None) -> None:
    standing = await store.named(tx, center_id, comparable(name))
    if standing is not None and standing.id != besides:
        raise Conflict("name_taken", f"There already is an audience named “{standing.name}”.")
    if gone := await _gone(tx, center_id, lists):
        errors = [
            FieldError(f"/audience/{field}/{lists[field].index(name)}", "There is no such thing in this center.")
            for field, name in gone
        ]
        raise Invalid("unknown_audience", "The audience names something that is not in this center.", errors=errors)


async def _gone(tx: Tx, center_id: str, lists: Mapping[str, list[str]]) -> list[tuple[str, str]]:
    """`(list, id)` of everything named that is not this center's."""
    strangers = await selection.unknown(tx, center_id, branches=lists["branches"], groups=lists["groups"])
    excluded = await selection.unknown(tx, center_id, branches=(), groups=lists["exclude"])
    found = [("branches" if kind == "branch" else "groups", name) for kind, name in strangers]
    return found + [("exclude", name) for _, name in excluded]
