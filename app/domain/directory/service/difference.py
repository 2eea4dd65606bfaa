"""What a sheet changes: who is new, moved, was renamed, got another leader; and who is not named."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.core.db import Tx
from app.core.errors import Invalid
from app.domain.directory.rules.sheet import Entry
from app.domain.directory.states import GroupStatus, Vanished
from app.domain.directory.store import groups, leaders, tree

LISTED = 1_000
SLICE = 5_000
"""Groups looked at in one go."""


_BECOMES = {Vanished.DORMANT: GroupStatus.DORMANT, Vanished.ARCHIVE: GroupStatus.ARCHIVED}


@dataclass
class Change:
    """One kind of change: the first thousand groups, and how many there are. `was` and `now` may be empty."""

    count: int = 0
    items: list[dict[str, str]] = field(default_factory=list)

    def add(self, standing: Any, was: str, now: str) -> None:
        self.count += 1
        if len(self.items) < LISTED:
            self.items.append({"group_id": standing.id, "group": standing.name, "was": was, "now": now})


@dataclass
class Difference:
    """Gathered while the rows come in; until `told` it holds ids where the directory knows better names. `columns`
    are those the sheet has."""

    columns: frozenset[str]
    moved: Change = field(default_factory=Change)
    renamed: Change = field(default_factory=Change)
    leader_changed: Change = field(default_factory=Change)
    added: list[dict[str, str]] = field(default_factory=list)
    asleep: int = 0

    def welcome(self, entry: Entry) -> None:
        """A group that did not stand before."""
        if len(self.added) < LISTED:
            told = {"group": entry.name, "platform": entry.platform, "branch": entry.branch, "leader": entry.leader}
            self.added.append(told)

    def note(self, standing: Any, entry: Entry, *, branch_id: str | None, had: Sequence[str], wanted: str) -> None:
        """How a group stood, what its row says, where that is, and who answered for it and who shall."""
        self.asleep += standing.status is not GroupStatus.ACTIVE
        if standing.name != entry.name:
            self.renamed.add(standing, standing.name, entry.name)
        if "branch" in self.columns and standing.branch_id != branch_id:
            self.moved.add(standing, standing.branch_id or "", entry.branch)
        if "leader" in self.columns and "".join(had[:1]) != wanted:
            self.leader_changed.add(standing, "".join(had[:1]), entry.leader)

    async def told(self, tx: Tx, center_id: str) -> dict[str, Any]:
        """The changes as a report, with the names of what they were before."""
        paths = {row.id: row.path for row in await tree.branches(tx, center_id)} if self.moved.items else {}
        people = await leaders.people(tx, list({item["was"] for item in self.leader_changed.items}))
        before = paths | {person.id: person.name for person in people}
        for change in (self.moved, self.leader_changed):
            change.items = [{**item, "was": before.get(item["was"], "")} for item in change.items]
        found: dict[str, Any] = {"asleep": self.asleep, "added": self.added}
        for name in ("moved", "renamed", "leader_changed"):
            change = getattr(self, name)
            found |= {name: change.items, f"{name}_count": change.count}
        return found


async def vanished(
    tx: Tx, center_id: str, named: Callable[[str, str], bool], *, fate: Vanished, save: bool
) -> dict[str, Any]:
    """The groups, archived ones apart, that the sheet does not name (`named` takes a platform and an address key); with
    `save` they meet their fate."""
    items: list[dict[str, str]] = []
    count, after = 0, ""
    while rows := await groups.unarchived(tx, center_id, after=after, limit=SLICE):
        gone = [row for row in rows if not named(row.platform, row.address_key)]
        count += len(gone)
        facts = ({"group_id": row.id, "group": row.name, "branch": row.path or "", "was": row.status} for row in gone)
        items += list(facts)[: LISTED - len(items)]
        if save and fate is not Vanished.KEEP:
            ids, reason = [row.id for row in gone], "the directory sheet does not name it any more"
            await groups.set_status(tx, groups.with_ids(center_id, ids), status=_BECOMES[fate], reason=reason)
        after = rows[-1].id
    return {"vanished": items, "vanished_count": count}


def may_act(fate: Vanished, *, rows: int, flaws: int) -> None:
    """Raises Invalid where a sheet cannot tell which groups it does not name."""
    if fate is Vanished.KEEP:
        return
    if flaws:
        raise Invalid.field("/vanished", "Rows with errors may name these groups: mend them first, or keep the groups.")
    if not rows:
        raise Invalid.field("/vanished", "This sheet names no group at all; that would be every group.")
