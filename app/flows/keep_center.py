"""A center is kept by hand: its name and habits, its head, and its main group, in one transaction."""

from dataclasses import dataclass
from typing import Any

from app.core.db import Tx
from app.core.errors import Invalid
from app.core.text import comparable
from app.domain.access import service as access
from app.domain.access.rules import Caller
from app.domain.directory.rules.sieve import Sieve
from app.domain.directory.service import groups, headquarters
from app.domain.directory.store.leaders import leaders_named
from app.flows.kit import Kit

LOOKED_AT = 200


@dataclass(frozen=True)
class Wished:
    """How the center shall stand; head and main group by their names, empty for none."""

    name: str
    timezone: str | None
    language: str | None
    needs_approval: bool
    head: str = ""
    main_group: str = ""


async def keep_center(kit: Kit, caller: Caller, wished: Wished) -> None:
    """Raises Invalid for a name nobody has, or that several groups have."""
    async with kit.db.write() as tx:
        own: dict[str, Any] = {
            "name": wished.name,
            "timezone": wished.timezone,
            "language": wished.language,
            "needs_approval": wished.needs_approval,
        }
        places = headquarters.Changes(
            head_id=await _leader(tx, caller.center_id, wished.head),
            main_group_id=await _group(tx, caller.center_id, wished.main_group),
        )
        await access.change_center(tx, caller.center_id, own, actor=caller.actor)
        await headquarters.change(tx, caller.center_id, places, actor=caller.actor)


async def _leader(tx: Tx, center_id: str, name: str) -> str | None:
    if not name:
        return None
    found = (await leaders_named(tx, center_id, [comparable(name)])).get(comparable(name))
    if found is None:
        raise Invalid.field("/head", "There is no leader of this name.")
    return str(found.id)


async def _group(tx: Tx, center_id: str, name: str) -> str | None:
    """The one group of this name; where several bear it, the one that is the main group already."""
    if not name:
        return None
    page = await groups.listed(tx, center_id, Sieve(q=name), limit=LOOKED_AT, cursor=None)
    ids = [each.id for each in page.items if comparable(each.name) == comparable(name)]
    standing = (await headquarters.one(tx, center_id)).main_group_id
    if standing in ids:
        return standing
    if len(ids) != 1:
        sentence = "Several groups bear this name." if ids else "There is no group of this name."
        raise Invalid.field("/main_group", sentence)
    return ids[0]
