"""A center that can draft a campaign: its groups hang below a branch somebody answers for, and it has the library."""

from sqlalchemy import update
from sqlmodel import col

from app.core import ids
from app.core.db import Database
from app.domain.directory.tables import Assignment, Branch, Group
from app.domain.scripts import service as scripts
from tests.builders.relays import Handed, handed


async def furnished(db: Database) -> Handed:
    """`handed`, with a tree of two branches: 华北 above 朝阳, where every group is."""
    made = await handed(db)
    north, chaoyang = ids.new("brn"), ids.new("brn")
    here = {"center_id": made.center_id}
    async with db.write() as tx:
        places = {**here, "created_at": tx.now}
        await tx.add(Branch(id=north, name="华北", path="华北", path_key="华北", **places))
        await tx.add(
            Branch(id=chaoyang, name="朝阳", path="华北/朝阳", path_key="华北/朝阳", parent_id=north, **places)
        )
        await tx.run(update(Group).where(col(Group.center_id) == made.center_id).values(branch_id=chaoyang))
        await tx.add(Assignment(id=ids.new("asg"), leader_id=made.leader_id, branch_id=north, **here))
        await scripts.sync(tx, made.center_id, scripts.read_library(scripts.STARTERS), actor="test")
    return made
