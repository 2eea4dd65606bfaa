"""Whom a campaign was addressed to, by the names that its author saw: for whoever has to agree to it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import col

from app.core.bulk import among
from app.core.db import Tx
from app.domain.campaigns.rules import Audience
from app.domain.directory.tables import Branch
from app.reports.choices import named_groups

NAMED = 20
"""Names written out of each list."""


@dataclass(frozen=True)
class Listed:
    """The first names of a list, and how many it holds more; of these `gone` stand in the directory no longer."""

    names: Sequence[str]
    more: int
    gone: int


@dataclass(frozen=True)
class Chosen:
    """What an audience was put together from."""

    branches: Listed
    tags: Listed
    groups: Listed
    exclude: Listed

    @property
    def everyone(self) -> bool:
        """Whether nothing was picked, so that every active group is meant."""
        return not any((one.names or one.more) for one in (self.branches, self.tags, self.groups))


async def chosen(tx: Tx, center_id: str, audience: Audience) -> Chosen:
    paths = select(col(Branch.path)).where(col(Branch.center_id) == center_id, among(col(Branch.id), audience.branches))
    branches = [row.path for row in await tx.table(paths.order_by(col(Branch.path_key)))]
    return Chosen(
        branches=_listed(branches, len(audience.branches)),
        tags=_listed(audience.tags, len(audience.tags)),
        groups=await _groups(tx, center_id, audience.groups),
        exclude=await _groups(tx, center_id, audience.exclude),
    )


async def _groups(tx: Tx, center_id: str, group_ids: Sequence[str]) -> Listed:
    return _listed([row.name for row in await named_groups(tx, center_id, group_ids)], len(group_ids))


def _listed(names: Sequence[str], count: int) -> Listed:
    return Listed(names[:NAMED], count - len(names[:NAMED]), count - len(names))
