"""A campaign as a sheet: its relays, what was missed, or the tree, read some rows at a time."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from app.core.db import Tx
from app.core.sheet_writer import Cell, Write
from app.reports.export_words import HEADS, NO, YES, Tongue, word
from app.reports.ledger import relays
from app.reports.missed import missed
from app.reports.tree import Node, tree

SLICE = 1_000
"""Relays read at once."""

Row = Mapping[str, Any]


class What(StrEnum):
    RELAYS = "relays"
    MISSED = "missed"
    TREE = "tree"


_COLUMNS = {
    What.RELAYS: "group platform branch state reason route leader via evidence proof_picture late deadline_at "
    "assigned_at relayed_at nudges relay_id group_id",
    What.MISSED: "group platform branch state reason leader deputies since deadline_at nudges next_step relay_id "
    "group_id",
    What.TREE: "branch groups planned assigned acknowledged posting relayed uncertain missed failed skipped cancelled",
}
_ELSEWHERE = {"group": "group_name", "leader": "leader_name", "relay_id": "id"}


async def write(
    tx: Tx, out: Write, center_id: str, campaign_id: str, *, what: What, tongue: Tongue, zone: str | None
) -> int:
    """Write the header and every row; times as the clock of `zone` shows them. Answers how many rows there were."""
    here, count = zone or "UTC", 0
    names = columns(what)
    await asyncio.to_thread(out, [[HEADS[name][tongue].format(zone=here) for name in names]])
    async for rows in slices(tx, center_id, campaign_id, what=what):
        lines = [_cells([row[name] for name in names], tongue, ZoneInfo(here)) for row in rows]
        await asyncio.to_thread(out, lines)
        count += len(lines)
    return count


def columns(what: What) -> list[str]:
    return _COLUMNS[what].split()


async def slices(tx: Tx, center_id: str, campaign_id: str, *, what: What) -> AsyncIterator[list[Row]]:
    """The rows by the names of their columns, some at a time, so that a sheet of any length needs little memory."""
    if what is What.TREE:
        yield [row for top in await tree(tx, center_id, campaign_id) for row in _branches(top)]
        return
    cursor: str | None = None
    while True:
        if what is What.RELAYS:
            page = await relays(tx, center_id, campaign_id, state=None, branch=None, limit=SLICE, cursor=cursor)
            yield [{name: getattr(row, _ELSEWHERE.get(name, name)) for name in columns(what)} for row in page.items]
        else:
            missing = await missed(tx, center_id, campaign_id, limit=SLICE, cursor=cursor)
            yield [{name: getattr(row, name) for name in columns(what)} for row in missing.items]
            page = missing
        cursor = page.next_cursor
        if cursor is None:
            return


def _branches(node: Node) -> Iterator[Row]:
    counts = {name: node.counts.get(name, 0) for name in columns(What.TREE)[2:]}
    yield {"branch": node.path, "groups": node.groups, **counts}
    for child in node.children:
        yield from _branches(child)


def _cells(values: Sequence[Any], tongue: Tongue, here: ZoneInfo) -> list[Cell]:
    return [_cell(value, tongue, here) for value in values]


def _cell(value: Any, tongue: Tongue, here: ZoneInfo) -> Cell:
    if isinstance(value, bool):
        return (YES if value else NO)[tongue]
    if isinstance(value, datetime):
        return f"{value.astimezone(here):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, StrEnum):
        return word(value, tongue)
    if isinstance(value, int | None):
        return value
    return ";".join(value) if isinstance(value, list | tuple) else str(value)
