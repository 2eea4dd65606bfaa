"""Naming a center's head and its main group."""

from typing import TypedDict

from app.core import audit
from app.core.db import Tx
from app.core.errors import Invalid
from app.domain.directory.store import groups, leaders, places
from app.domain.directory.tables import Headquarters

Row = Headquarters


class Changes(TypedDict, total=False):
    """What a change may hold; what is absent stays, None names nobody."""

    head_id: str | None
    main_group_id: str | None


async def one(tx: Tx, center_id: str) -> Headquarters:
    return await places.headquarters(tx, center_id)


async def change(tx: Tx, center_id: str, changes: Changes, *, actor: str) -> Headquarters:
    """Raises Invalid for a leader or a group that is not the center's."""
    head, main = changes.get("head_id"), changes.get("main_group_id")
    if head and await leaders.leader(tx, center_id, head) is None:
        raise Invalid.field("/head_id", "There is no such leader.")
    if main and await groups.group(tx, center_id, main) is None:
        raise Invalid.field("/main_group_id", "There is no such group.")
    if changes:
        await places.name_headquarters(tx, center_id, dict(changes))
        await audit.note(tx, center_id, actor=actor, action="center.change", subject=center_id, changed=sorted(changes))
    return await places.headquarters(tx, center_id)
