"""Pools: groups left over from something, kept together under a tag until the next time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.core.db import Tx
from app.core.text import comparable
from app.domain.directory.rules import TAGS_MOST
from app.domain.directory.states import GroupStatus
from app.domain.directory.store import groups
from app.domain.directory.tables import Group


@dataclass(frozen=True)
class Pooled:
    """`groups` bear the tag now; `full` bear as many others as a group can, and were left as they are."""

    groups: int = 0
    full: int = 0

    def __add__(self, other: "Pooled") -> "Pooled":
        return Pooled(self.groups + other.groups, self.full + other.full)


async def keep_together(tx: Tx, group_ids: Sequence[str], *, tag: str, dormant: bool, reason: str) -> Pooled:
    """Put these groups under the tag, and with `dormant` let those sleep that are active. Archived ones stay out."""
    standing = [row for row in await groups.targets(tx, group_ids) if row.status is not GroupStatus.ARCHIVED]
    rows = [(row, _tagged(row.tags, tag)) for row in standing]
    taken = [(row, tags) for row, tags in rows if tags is not None]
    changed = [_row(tx, row, tags, dormant=dormant, reason=reason) for row, tags in taken]
    await groups.update_groups(tx, changed)
    return Pooled(len(taken), len(rows) - len(taken))


def _tagged(tags: Sequence[str], tag: str) -> list[str] | None:
    """The tags with this one among them, or None where there is no room for it."""
    if comparable(tag) in map(comparable, tags):
        return list(tags)
    return [*tags, tag] if len(tags) < TAGS_MOST else None


def _row(tx: Tx, group: Group, tags: list[str], *, dormant: bool, reason: str) -> dict[str, Any]:
    row = {**group.model_dump(), "tags": tags, "updated_at": tx.now}
    if dormant and group.status is GroupStatus.ACTIVE:
        row.update(status=GroupStatus.DORMANT, status_reason=reason)
    return row
