"""The chats in a task, read when it leaves: what its owner is to send his platform's text into."""

from collections.abc import Sequence

from app.core.db import Tx
from app.domain.deliveries.rules import Claimed
from app.domain.deliveries.states import Kind
from app.domain.directory import store as directory
from app.domain.recalls import store as recalls
from app.domain.relays import store as relays
from app.domain.relays.states import TO_SEND
from app.domain.tasks import store as tasks


async def chats_in(tx: Tx, claimed: Sequence[Claimed]) -> dict[str, tuple[str, ...]]:
    """For each delivery among these that asks an owner, the addresses of his groups that still want it."""
    asking = [one.id for one in claimed if one.kind == Kind.TASK]
    if not asking:
        return {}
    asked = await tasks.asked_by(tx, asking)
    groups = await relays.groups_of_tasks(tx, [task.id for task in asked.values()], states=TO_SEND)
    withdrawn = await recalls.concerned(tx, {relay for some in groups.values() for relay in some})
    wanted = {task: [group for relay, group in some.items() if relay not in withdrawn] for task, some in groups.items()}
    doors = {
        row.id: row.address
        for row in await directory.doors(tx, sorted({one for some in wanted.values() for one in some}))
    }
    return {one: tuple(doors[group] for group in wanted[task.id]) for one, task in asked.items()}
