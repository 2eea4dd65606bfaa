"""The tree of a campaign: each branch with the counts of everything below it."""

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlmodel import col

from app.core.db import Tx
from app.domain.campaigns.tables import Campaign
from app.domain.directory.tables import Branch
from app.domain.relays.tables import Relay


@dataclass
class Node:
    """One branch. `counts` covers its whole subtree; groups without a branch hang under a node without id."""

    id: str | None
    name: str
    path: str
    groups: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    children: list["Node"] = field(default_factory=list)


async def tree(tx: Tx, center_id: str, campaign_id: str) -> list[Node]:
    """The top branches that hold relays of this campaign, each with its own."""
    branches = await tx.table(
        select(col(Branch.id), col(Branch.parent_id), col(Branch.name), col(Branch.path)).where(
            col(Branch.center_id) == center_id
        )
    )
    counted = await tx.table(
        select(col(Relay.branch_id), col(Relay.state), func.count())
        .join(Campaign, col(Campaign.id) == col(Relay.campaign_id))
        .where(col(Campaign.id) == campaign_id, col(Campaign.center_id) == center_id)
        .group_by(col(Relay.state), col(Relay.branch_id))
    )
    nodes: dict[str | None, Node] = {row.id: Node(row.id, row.name, row.path) for row in branches}
    parents = {row.id: row.parent_id for row in branches}
    for branch_id, state, number in counted:
        at = branch_id if branch_id in nodes else None
        if at is None:
            nodes.setdefault(None, Node(None, "", ""))
        _add(nodes, parents, at, state.value, number)
    for row in branches:
        if row.parent_id in nodes and row.parent_id is not None and nodes[row.id].groups:
            nodes[row.parent_id].children.append(nodes[row.id])
    for node in nodes.values():
        node.children.sort(key=lambda child: child.path)
    tops = [node for key, node in nodes.items() if node.groups and parents.get(key or "") is None]
    return sorted(tops, key=lambda node: node.path)


def _add(
    nodes: dict[str | None, Node], parents: dict[str, str | None], at: str | None, state: str, number: int
) -> None:
    while True:
        nodes[at].groups += number
        nodes[at].counts[state] += number
        above = parents.get(at) if at else None
        if above is None:
            return
        at = above
