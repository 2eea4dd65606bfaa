"""Who answers for a group: its own people first, then its branch's, then those of every branch above."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select
from sqlalchemy import select as columns
from sqlmodel import col

from app.core.bulk import among
from app.core.db import Tx
from app.domain.directory.store.absences import unavailable
from app.domain.directory.store.tree import parents
from app.domain.directory.tables import Assignment, Group

Answering = dict[str, list[str]]


@dataclass(frozen=True)
class Line:
    """Who answers for a group, in order: `own` people by rank, then `above`, those of its branch and of every branch
    above it."""

    own: Sequence[str]
    above: Sequence[str]

    @property
    def whole(self) -> list[str]:
        """Everybody once."""
        return list(dict.fromkeys([*self.own, *self.above]))


async def holders(tx: Tx, group_ids: Sequence[str]) -> Answering:
    """The leaders assigned to each of these groups itself, by rank."""
    query: Select[*tuple[Any, ...]] = columns(col(Assignment.group_id).label("target"), col(Assignment.leader_id))
    query = query.where(among(col(Assignment.group_id), group_ids))
    found: Answering = defaultdict(list)
    _gather(found, await tx.table(query.order_by(col(Assignment.rank), col(Assignment.id))))
    return found


async def lines(tx: Tx, center_id: str, group_ids: Sequence[str]) -> dict[str, Line]:
    """For each of the center's groups among these ids, who answers for it and is there: whoever is away at this
    moment, or has left, is passed over. Five statements for any number of groups."""
    found = await _found(tx, center_id, group_ids)
    return {group_id: found.line(group_id, branch_id) for group_id, branch_id in found.places.items()}


@dataclass(frozen=True)
class _Found:
    """The branch of each group, and who is there: the `own` people of groups, and those `above` in each branch."""

    places: dict[str, str | None]
    own: Answering
    above: Answering

    def line(self, group_id: str, branch_id: str | None) -> Line:
        return Line(self.own.get(group_id, []), self.above.get(branch_id or "", []))


async def _found(tx: Tx, center_id: str, group_ids: Sequence[str]) -> _Found:
    query = columns(col(Group.id), col(Group.branch_id)).where(among(col(Group.id), group_ids))
    places = dict(map(tuple, await tx.table(query.where(col(Group.center_id) == center_id))))
    own = await holders(tx, list(places))
    above = await _above(tx, center_id, {branch for branch in places.values() if branch})
    gone = await unavailable(tx, center_id)

    def there(people: Answering) -> Answering:
        return {named: [leader for leader in some if leader not in gone] for named, some in people.items()}

    return _Found(places, there(own), there(above))


async def answering(tx: Tx, center_id: str, group_ids: Sequence[str]) -> Answering:
    """For each of the center's groups among these ids, the leaders that answer for it now, the first in line first.
    Groups of one branch share one list: it is to be read."""
    found = await _found(tx, center_id, group_ids)
    whole = {branch_id: list(dict.fromkeys(people)) for branch_id, people in found.above.items()}
    return {
        group_id: found.line(group_id, branch_id).whole if group_id in found.own else whole.get(branch_id or "", [])
        for group_id, branch_id in found.places.items()
    }


async def _above(tx: Tx, center_id: str, branch_ids: Iterable[str]) -> Answering:
    """For each of these branches, its own people by rank and then those of the branches above it."""
    tree = await parents(tx, center_id)
    ways = {branch_id: list(upward(tree, branch_id)) for branch_id in branch_ids}
    steps = list({step for way in ways.values() for step in way})
    query: Select[*tuple[Any, ...]] = columns(col(Assignment.branch_id).label("target"), col(Assignment.leader_id))
    query = query.where(among(col(Assignment.branch_id), steps))
    held: Answering = defaultdict(list)
    _gather(held, await tx.table(query.order_by(col(Assignment.rank), col(Assignment.id))))
    return {branch_id: [leader for step in way for leader in held.get(step, ())] for branch_id, way in ways.items()}


async def branch_people(tx: Tx, center_id: str) -> Answering:
    """Who answers for each branch itself and is there at this moment, by rank."""
    query: Select[*tuple[Any, ...]] = columns(col(Assignment.branch_id).label("target"), col(Assignment.leader_id))
    query = query.where(col(Assignment.center_id) == center_id, col(Assignment.branch_id).is_not(None))
    held: Answering = defaultdict(list)
    _gather(held, await tx.table(query.order_by(col(Assignment.rank), col(Assignment.id))))
    gone = await unavailable(tx, center_id)
    return {branch_id: [one for one in people if one not in gone] for branch_id, people in held.items()}


async def branches_led(tx: Tx, center_id: str, leader_id: str) -> set[str]:
    """The branches this leader answers for, whether or not he is there at this moment."""
    query = columns(col(Assignment.branch_id)).where(
        col(Assignment.center_id) == center_id,
        col(Assignment.leader_id) == leader_id,
        col(Assignment.branch_id).is_not(None),
    )
    return {row.branch_id for row in await tx.table(query)}


async def answering_in(tx: Tx, center_id: str, branch_ids: Collection[str]) -> set[str]:
    """Everybody who answers for one of these branches itself, or for a group in one."""
    groups = columns(col(Group.id)).where(
        col(Group.center_id) == center_id, among(col(Group.branch_id), list(branch_ids))
    )
    inside = among(col(Assignment.branch_id), list(branch_ids)) | col(Assignment.group_id).in_(groups)
    query = columns(col(Assignment.leader_id)).where(col(Assignment.center_id) == center_id, inside)
    return {row.leader_id for row in await tx.table(query)}


def upward(tree: dict[str, str | None], branch_id: str) -> Iterator[str]:
    """A branch and every branch above it. A ring, should one ever stand, is walked once."""
    seen: set[str] = set()
    step: str | None = branch_id
    while step is not None and step not in seen:
        seen.add(step)
        yield step
        step = tree.get(step)


def _gather(found: Answering, rows: Iterable[Any]) -> None:
    for row in rows:
        found[row.target].append(row.leader_id)
