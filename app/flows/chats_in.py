"""The chats in a task, read when it leaves: what its owner is to send his platform's text into."""

from collections.abc import Sequence

from app.core.db import Tx
from app.domain.deliveries.rules import Claimed
from app.domain.deliveries.states import Kind
from app.domain.directory import store as directory
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
    doors = {
        row.id: row.address
        for row in await directory.doors(tx, sorted({one for some in groups.values() for one in some}))
    }
    return {one: tuple(doors[group] for group in groups[task.id]) for one, task in asked.items()}
