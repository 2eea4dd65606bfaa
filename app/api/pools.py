"""Pools: what a campaign left behind, kept for the next one."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from app.api.deps import KitDep, Operator
from app.api.shapes import Body, Flag, Id, Shape
from app.core.text import Line
from app.domain.directory.rules import TAG_MOST
from app.domain.relays.states import State
from app.flows.pool import pool

router = APIRouter(prefix="/campaigns", tags=["directory"])


class PoolBody(Body):
    """`states` picks groups by how their relays ended, none means all; `dormant` lets them sleep until
    `POST /groups/status` with the tag wakes them."""

    tag: Annotated[Line, Field(min_length=1, max_length=TAG_MOST)]
    states: Annotated[list[State], Field(max_length=len(State))] = Field(default_factory=list)
    dormant: Flag = False


class PoolShape(Shape):
    """How many groups bear the tag now; `full` had no room for another tag and were left as they are."""

    groups: int
    full: int


@router.post("/{campaign_id}/pool")
async def keep(kit: KitDep, caller: Operator, campaign_id: Id, body: PoolBody) -> PoolShape:
    """Put the groups of a campaign that is over under a tag. 409 while any of them is open."""
    pooled = await pool(kit, caller, campaign_id, tag=body.tag, states=body.states, dormant=body.dormant)
    return PoolShape.model_validate(pooled)
