"""How far a new center has come: what is there already of what a first campaign needs."""

from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlmodel import col

from app.core.db import Tx
from app.domain.access.tables import Center
from app.domain.accounts.tables import Account
from app.domain.campaigns.tables import Campaign
from app.domain.directory.tables import Group


@dataclass(frozen=True)
class FirstSteps:
    """Which of the first steps are done. `launched`: nobody needs to be shown them any more."""

    settled: bool
    accounts: bool
    groups: bool
    drafted: bool
    launched: bool


async def first_steps(tx: Tx, center_id: str) -> FirstSteps:
    settled = exists().where(col(Center.id) == center_id, col(Center.timezone).is_not(None))
    some = (exists().where(col(table.center_id) == center_id) for table in (Account, Group, Campaign))
    launched = exists().where(col(Campaign.center_id) == center_id, col(Campaign.launched_at).is_not(None))
    [row] = await tx.table(select(settled, *some, launched))
    return FirstSteps(*map(bool, row))
