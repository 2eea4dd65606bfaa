"""What the head does by hand for one group: remind, hand over, have it posted, once more, excuse it, say that it is
done, or take it back there."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field

from app.core.errors import NotFound
from app.core.text import Line
from app.domain.relays.states import Route, State
from app.flows import step_in
from app.flows.recall import recall
from app.flows.retry import retry
from app.reports import ledger
from app.reports.afterwards import to_retry
from app.reports.people import candidates
from app.web.desk import Desk, Operates
from app.web.fields import Id
from app.web.reader import own_path

router = APIRouter(prefix="/relays")

OURS = (State.ASSIGNED, State.ACKNOWLEDGED, State.MISSED, State.FAILED)
"""Where a leader's group stands when something can be done for it."""


class HandOver(BaseModel):
    leader_id: Annotated[str, Field(max_length=64)] = ""


class Excuse(BaseModel):
    reason: Annotated[Line, Field(min_length=1, max_length=500)]


class Done(BaseModel):
    note: Annotated[Line, Field(max_length=500)] = ""


@router.get("/{relay_id}/act")
async def act(desk: Operates, relay_id: Id) -> Response:
    """Everything that can be done for this group now, and what each of it does."""
    async with desk.kit.db.read() as tx:
        story = await ledger.story(tx, desk.center_id, relay_id)
        if story is None:
            raise NotFound("relay_not_found", "There is no such relay in this center.")
        relay = story.relay
        leaders = await candidates(tx, desk.center_id, relay.group_id, but=relay.leader_id)
        again = await to_retry(tx, relay.campaign_id, group_id=relay.group_id)
    return desk.page(
        "act.html",
        relay=relay,
        leaders=leaders,
        ours=relay.route is Route.LEADER and relay.state in OURS,
        gives=relay.route is Route.LEADER and relay.state in (*OURS, State.PLANNED),
        again=again,
        stands=relay.state is State.RELAYED and relay.recall is None,
        back=own_path(desk.request.query_params.get("back"), f"/relays/{relay_id}"),
    )


@router.post("/{relay_id}/nudge")
async def nudge(desk: Operates, relay_id: Id) -> Response:
    await step_in.nudge(desk.kit, desk.caller, relay_id)
    return _back(desk, relay_id, "nudged")


@router.post("/{relay_id}/hand-over")
async def hand_over(desk: Operates, relay_id: Id) -> Response:
    """Without a name it goes to the next in line."""
    told = desk.fields(HandOver)
    await step_in.hand_over(desk.kit, desk.caller, relay_id, leader_id=told.leader_id or None)
    return _back(desk, relay_id, "handed_over")


@router.post("/{relay_id}/post")
async def post(desk: Operates, relay_id: Id) -> Response:
    await step_in.post(desk.kit, desk.caller, relay_id)
    return _back(desk, relay_id, "posted")


@router.post("/{relay_id}/retry")
async def once_more(desk: Operates, relay_id: Id) -> Response:
    """The post that failed there, with all the time the first one had."""
    campaign_id, group_id = await _where(desk, relay_id)
    await retry(desk.kit, desk.caller, campaign_id, groups=[group_id])
    return _back(desk, relay_id, "retried")


@router.post("/{relay_id}/recall")
async def take_back(desk: Operates, relay_id: Id) -> Response:
    """In this one group; the campaign goes on."""
    campaign_id, group_id = await _where(desk, relay_id)
    await recall(desk.kit, desk.caller, campaign_id, groups=[group_id])
    return _back(desk, relay_id, "recalled")


@router.post("/{relay_id}/excuse")
async def excuse(desk: Operates, relay_id: Id) -> Response:
    await step_in.excuse(desk.kit, desk.caller, relay_id, reason=desk.fields(Excuse).reason)
    return _back(desk, relay_id, "excused")


@router.post("/{relay_id}/done")
async def done(desk: Operates, relay_id: Id) -> Response:
    await step_in.done(desk.kit, desk.caller, relay_id, note=desk.fields(Done).note)
    return _back(desk, relay_id, "marked_done")


async def _where(desk: Desk, relay_id: str) -> tuple[str, str]:
    """Which campaign, and which group. Raises NotFound."""
    async with desk.kit.db.read() as tx:
        story = await ledger.story(tx, desk.center_id, relay_id)
    if story is None:
        raise NotFound("relay_not_found", "There is no such relay in this center.")
    return story.relay.campaign_id, story.relay.group_id


def _back(desk: Desk, relay_id: str, said: str) -> Response:
    """To the list the button stood in."""
    back = own_path(desk.form.get("back") if desk.form else None, f"/relays/{relay_id}")
    return desk.go(back.partition("?")[0], said=said)
