"""A campaign's board: how far it is, which branch hangs, who missed it and who is on it, lane by lane."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from app.core.db import Tx
from app.core.errors import NotFound
from app.domain.campaigns import service as campaigns
from app.domain.campaigns.states import State
from app.flows.concerned import corrected_by
from app.flows.lanes_ahead import lanes_ahead
from app.flows.watch import position
from app.reports import campaigns as listed
from app.reports.afterwards import to_retry
from app.reports.missed import Missed, missed
from app.reports.nudges import last_nudges
from app.reports.progress import delivery_counts, progress, statuses
from app.reports.quorums import quorums
from app.reports.recalls import recalled
from app.reports.tiers import tiers
from app.reports.timeline import timeline
from app.reports.today import counts
from app.reports.tree import Node, tree
from app.web.curve import curve
from app.web.desk import Desk, Reads
from app.web.fields import Id
from app.web.progress import bar

router = APIRouter()

ROWS = 50
WHOLE_TREE = 300
"""Branches that are written out at once; a larger tree opens level by level."""


@router.get("/campaigns")
async def index(desk: Reads, cursor: str | None = None) -> Response:
    """Every campaign, newest first."""
    async with desk.kit.db.read() as tx:
        page = await listed.campaigns(tx, desk.center_id, limit=ROWS, cursor=cursor)
        counted = await counts(tx, [one.id for one in page.items])
        status = await statuses(tx, page.items)
    rows = [(one, bar(counted[one.id]), status[one.id]) for one in page.items]
    return desk.page("campaigns.html", rows=rows, cursor=page.next_cursor)


@router.get("/campaigns/{campaign_id}")
async def show(desk: Reads, campaign_id: Id, cursor: str | None = None) -> Response:
    """The board itself. It stays current by the stream that begins where this was read."""
    async with desk.kit.db.read() as tx:
        after = await position(tx, campaign_id)
        head = await board_head(desk, tx, campaign_id)
        tops = await tree(tx, desk.center_id, campaign_id)
        sent = await delivery_counts(tx, campaign_id)
        drawn = curve(await timeline(tx, head["campaign"]), desk.reader.zone)
        gone = await missing(desk, tx, campaign_id, cursor)
        more: dict[str, Any] = {"tiers": await tiers(tx, campaign_id), "alarms": await quorums(tx, head["campaign"])}
        again = await to_retry(tx, campaign_id) if head["campaign"].state is State.RUNNING else 0
    small = sum(_size(node) for node in tops) <= WHOLE_TREE
    more |= {"tops": tops, "whole": small, "bar_of": bar, "sent": sent, "again": again, "curve": drawn}
    more["zone_name"] = desk.reader.zone_name
    return desk.page("board.html", after=after, **more, **gone, **head)


@router.get("/campaigns/{campaign_id}/missed")
async def who_missed_it(desk: Reads, campaign_id: Id, cursor: str | None = None) -> Response:
    """The missed list alone: to page through, or to print."""
    async with desk.kit.db.read() as tx:
        head = await board_head(desk, tx, campaign_id)
        after = await position(tx, campaign_id)
        gone = await missing(desk, tx, campaign_id, cursor)
    return desk.page("board_missed.html", after=after, **gone, **head)


@router.get("/campaigns/{campaign_id}/tree/{branch_id}")
async def branch(desk: Reads, campaign_id: Id, branch_id: Id) -> Response:
    """What hangs below one branch, one level deep."""
    async with desk.kit.db.read() as tx:
        head = await board_head(desk, tx, campaign_id)
        found = _find(await tree(tx, desk.center_id, campaign_id), branch_id)
    if found is None:
        raise NotFound("branch_not_found", "Nothing of this campaign hangs below such a branch.")
    return desk.page("board_branch.html", node=found, bar_of=bar, **head)


@router.get("/campaigns/{campaign_id}/lanes")
async def lanes(desk: Reads, campaign_id: Id) -> Response:
    """Each account's part of what still waits: when it will be through, and what binds it."""
    async with desk.kit.db.read() as tx:
        head = await board_head(desk, tx, campaign_id)
        ahead = await lanes_ahead(desk.kit, tx, desk.center_id, campaign_id)
    return desk.page("board_lanes.html", lanes=ahead, **head)


async def board_head(desk: Desk, tx: Tx, campaign_id: str) -> dict[str, Any]:
    """What stands at the top of every page of a campaign. Raises NotFound."""
    campaign = await campaigns.found(tx, desk.center_id, campaign_id)
    seen = await progress(tx, campaign)
    return {
        "campaign": campaign,
        "progress": seen,
        "bar": bar(seen.counts),
        **await notes(tx, campaign_id),
    }


async def notes(tx: Tx, campaign_id: str) -> dict[str, Any]:
    """What became of a campaign besides its state."""
    return {"recall": await recalled(tx, campaign_id), "corrected_by": await corrected_by(tx, campaign_id)}


async def missing(desk: Desk, tx: Tx, campaign_id: str, cursor: str | None) -> dict[str, Any]:
    """One page of the missed list, with the last reminder of each leader."""
    page = await missed(tx, desk.center_id, campaign_id, limit=ROWS, cursor=cursor)
    leaders = sorted({one.leader_id for one in page.items if one.leader_id})
    nudged = await last_nudges(tx, campaign_id, leaders)
    return {
        "missed": [(one, _step(one), nudged.get(one.leader_id or "")) for one in page.items],
        "cursor": page.next_cursor,
    }


def _step(one: Missed) -> str:
    """The phrase for what happens next."""
    if one.state == "uncertain":
        return "step_settle"
    if one.next_action is not None:
        return f"next_{one.next_action}"
    return "step_leader" if one.leader else "step_nobody"


def _size(node: Node) -> int:
    return 1 + sum(_size(child) for child in node.children)


def _find(nodes: list[Node], branch_id: str) -> Node | None:
    for node in nodes:
        if node.id == branch_id:
            return node
        found = _find(node.children, branch_id)
        if found:
            return found
    return None
