"""Groups nobody answers for: no leader of their own, and none on any branch above them."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlmodel import col

from app.core.db import Tx
from app.domain.directory.states import GroupStatus
from app.domain.directory.tables import Assignment, Branch, Group


@dataclass(frozen=True)
class Orphans:
    """How many active groups nobody answers for, and the first few names."""

    count: int
    examples: tuple[str, ...]


async def orphans(tx: Tx, center_id: str, *, shown: int = 5) -> Orphans:
    alone = await nobody_answers(tx, center_id)
    count = await tx.table(select(func.count()).select_from(Group).where(*alone))
    names = await tx.table(select(col(Group.name)).where(*alone).order_by(col(Group.id)).limit(shown))
    return Orphans(count[0][0], tuple(row[0] for row in names))


async def nobody_answers(tx: Tx, center_id: str) -> tuple[ColumnElement[bool], ...]:
    """The conditions an orphan fulfils."""
    branches = await tx.table(
        select(
            col(Branch.id),
            col(Branch.parent_id),
            exists().where(col(Assignment.branch_id) == col(Branch.id)).label("answered"),
        ).where(col(Branch.center_id) == center_id)
    )
    above = {row.id: row.parent_id for row in branches}
    answered = {row.id for row in branches if row.answered}
    open_ones = [branch_id for branch_id in above if not _covered(branch_id, above, answered)]
    return (
        col(Group.center_id) == center_id,
        col(Group.status) == GroupStatus.ACTIVE,
        ~exists().where(col(Assignment.group_id) == col(Group.id)),
        or_(col(Group.branch_id).is_(None), col(Group.branch_id).in_(open_ones)),
    )


def _covered(branch_id: str, above: dict[str, str | None], answered: set[str]) -> bool:
    step: str | None = branch_id
    for _ in range(len(above)):
        if step is None or step in answered:
            break
        step = above.get(step)
    return step in answered
