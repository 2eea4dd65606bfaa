"""Who answers for a group or a branch, and in which order: named by hand, one at a time."""

from app.core.errors import Invalid
from app.core.text import comparable
from app.domain.access.rules import Caller
from app.domain.directory.service import people, tree
from app.domain.directory.store.leaders import leaders_named
from app.flows.kit import Kit

MOST = 200
"""How many may stand in one line; a rank goes to 1000."""


async def line_up(kit: Kit, caller: Caller, name: str, *, group_id: str | None, branch_id: str | None) -> None:
    """Put the leader of this name at the end of the line. Raises Invalid, Conflict."""
    async with kit.db.write() as tx:
        await tree.begin(tx, caller.center_id)
        found = (await leaders_named(tx, caller.center_id, [comparable(name)])).get(comparable(name))
        if found is None:
            raise Invalid.field("/leader", "There is no leader of this name.")
        line = await people.assignments(
            tx, caller.center_id, leader=None, group=group_id, branch=branch_id, limit=MOST, cursor=None
        )
        rank = max((each.rank for each in line.items), default=-1) + 1
        await people.assign(
            tx,
            caller.center_id,
            leader_id=found.id,
            group_id=group_id,
            branch_id=branch_id,
            rank=rank,
            actor=caller.actor,
        )


async def make_first(kit: Kit, caller: Caller, assignment_id: str) -> None:
    """Let this one be asked first; the others follow in their order. Raises NotFound."""
    async with kit.db.write() as tx:
        await tree.begin(tx, caller.center_id)
        chosen = await people.assignment(tx, caller.center_id, assignment_id)
        line = await people.assignments(
            tx, caller.center_id, leader=None, group=chosen.group_id, branch=chosen.branch_id, limit=MOST, cursor=None
        )
        others = sorted((each for each in line.items if each.id != chosen.id), key=lambda each: (each.rank, each.id))
        for place, each in enumerate([chosen, *others]):
            if each.rank != place:
                await people.rank(tx, caller.center_id, each.id, rank=place, actor=caller.actor)
