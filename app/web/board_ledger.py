"""The ledger of a campaign as pages: its relays with filters, one relay's story, its messages and why each waits."""

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from app.core.errors import NotFound
from app.domain.campaigns import service as campaigns
from app.domain.deliveries.states import State as DeliveryState
from app.domain.relays.states import State
from app.flows.watch import position
from app.reports import ledger
from app.reports.branches import branches
from app.reports.tiers import held_by
from app.reports.why import why
from app.web.board import ROWS, board_head
from app.web.desk import Reads
from app.web.fields import Id
from app.web.waiting import because

router = APIRouter()


@router.get("/campaigns/{campaign_id}/relays")
async def relays(
    desk: Reads, campaign_id: Id, *, state: str = "", branch: str = "", q: str = "", cursor: str | None = None
) -> Response:
    """Every relay, or those of a state, a branch with all below it, a part of a name."""
    wanted = State(state) if state in set(State) else None
    words = q.strip()[:100].replace("\x00", "")
    async with desk.kit.db.read() as tx:
        after = await position(tx, campaign_id)
        head = await board_head(desk, tx, campaign_id)
        tops = await branches(tx, desk.center_id)
        page = await ledger.relays(
            tx,
            desk.center_id,
            campaign_id,
            state=wanted,
            branch=branch if branch.isprintable() and branch else None,
            search=words,
            limit=ROWS,
            cursor=cursor or None,
        )
    asked = {"state": wanted or "", "branch": branch, "q": words}
    query = urlencode({name: value for name, value in asked.items() if value})
    more: dict[str, Any] = {"rows": page.items, "cursor": page.next_cursor, "query": query, "asked": asked}
    return desk.page("board_relays.html", after=after, states=list(State), branches=tops, **more, **head)


@router.get("/relays/{relay_id}")
async def story(desk: Reads, relay_id: Id) -> Response:
    """One relay from its beginning, readable top to bottom."""
    async with desk.kit.db.read() as tx:
        found = await ledger.story(tx, desk.center_id, relay_id)
        if found is None:
            raise NotFound("relay_not_found", "There is no such relay in this center.")
        campaign = await campaigns.found(tx, desk.center_id, found.relay.campaign_id)
        messages = await ledger.messages(tx, desk.center_id, relay_id)
        tier = await held_by(tx, relay_id)
    events = [(line, line.actor.partition(":")) for line in found.events]
    shown = {
        "relay": found.relay,
        "text": found.text,
        "campaign": campaign,
        "messages": messages,
        "proofs": found.proofs,
    }
    return desk.page("relay_story.html", events=events, tier=tier, **shown)


@router.get("/campaigns/{campaign_id}/deliveries")
async def deliveries(desk: Reads, campaign_id: Id, state: str = "", cursor: str | None = None) -> Response:
    """Every message of the campaign, or those of a state; uncertain ones are settled from here."""
    wanted = DeliveryState(state) if state in set(DeliveryState) else None
    async with desk.kit.db.read() as tx:
        head = await board_head(desk, tx, campaign_id)
        page = await ledger.deliveries(tx, desk.center_id, campaign_id, state=wanted, limit=ROWS, cursor=cursor or None)
    query = urlencode({"state": wanted}) if wanted else ""
    more: dict[str, Any] = {"rows": page.items, "cursor": page.next_cursor, "query": query, "wanted": wanted or ""}
    return desk.page("board_deliveries.html", states=list(DeliveryState), **more, **head)


@router.get("/deliveries/{delivery_id}")
async def message(desk: Reads, delivery_id: Id) -> Response:
    """One message: why it waits, what was tried, and, where nobody can know, the question."""
    async with desk.kit.db.read() as tx:
        found = await why(tx, desk.center_id, delivery_id)
        if found is None:
            raise NotFound("delivery_not_found", "There is no such delivery in this center.")
        campaign = await campaigns.found(tx, desk.center_id, found.delivery.campaign_id)
        told = await ledger.delivery(tx, desk.center_id, delivery_id)
    return desk.page(
        "delivery.html",
        delivery=found.delivery,
        told=told,
        because=because(found, desk.reader),
        holds=found.holds,
        attempts=found.attempts,
        campaign=campaign,
    )
