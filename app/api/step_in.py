"""What the head does by hand for one relay."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from app.api.deps import KitDep, Operator
from app.api.relays import RelayStory, story
from app.api.shapes import Body, Id
from app.core.text import Line
from app.flows import step_in

router = APIRouter(prefix="/relays", tags=["ledger"])


class HandOver(Body):
    """Without `leader_id` the next in line gets it."""

    leader_id: Id | None = None


class Excuse(Body):
    reason: Annotated[Line, Field(min_length=1, max_length=500)]


class Done(Body):
    """`note` says how it is known: a link to the message, or words."""

    note: Annotated[Line, Field(max_length=500)] = ""


@router.post("/{relay_id}/nudge")
async def nudge(kit: KitDep, caller: Operator, relay_id: Id) -> RelayStory:
    """Remind whoever has it now. 409 where he has had his nudges of the day, or no account can write to him."""
    await step_in.nudge(kit, caller, relay_id)
    return await story(kit, caller, relay_id)


@router.post("/{relay_id}/hand-over")
async def hand_over(kit: KitDep, caller: Operator, relay_id: Id, body: HandOver) -> RelayStory:
    """Give it to another leader; whoever had it hears so, and may still confirm."""
    await step_in.hand_over(kit, caller, relay_id, leader_id=body.leader_id)
    return await story(kit, caller, relay_id)


@router.post("/{relay_id}/excuse")
async def excuse(kit: KitDep, caller: Operator, relay_id: Id, body: Excuse) -> RelayStory:
    """This group need not have it: it counts as skipped."""
    await step_in.excuse(kit, caller, relay_id, reason=body.reason)
    return await story(kit, caller, relay_id)


@router.post("/{relay_id}/done")
async def done(kit: KitDep, caller: Operator, relay_id: Id, body: Done) -> RelayStory:
    """It stands in the group: the head posted it, or has seen it there."""
    await step_in.done(kit, caller, relay_id, note=body.note)
    return await story(kit, caller, relay_id)


@router.post("/{relay_id}/post")
async def post(kit: KitDep, caller: Operator, relay_id: Id) -> RelayStory:
    """Have an account post it instead of the leader. 409 where none can, or one has tried."""
    await step_in.post(kit, caller, relay_id)
    return await story(kit, caller, relay_id)
