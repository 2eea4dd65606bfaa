"""The branch page's twin for machines: the same groups, and the same three acts, as JSON."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.domain.campaigns.states import State as Control
from app.domain.relays.states import State
from app.flows.oversee import Act
from app.web.ack import REFUSED
from app.web.said import Looking, Telling

router = APIRouter(prefix="/hooks/ack", tags=["relay links"], responses=REFUSED)


class PlaceShape(BaseModel):
    """One group of the branch. `leader` is who has it, empty where nobody has or where it went to somebody outside the
    branch (`outside`); `first` who comes before that leader and has not read it yet."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    group: str
    platform: str
    leader_id: str | None
    leader: str
    outside: bool
    bot: bool
    state: State
    reason: str
    late: bool
    nudges: int
    first: str
    may_nudge: bool
    may_hand_over: bool


class BranchShape(BaseModel):
    """A leader's branches in one campaign. `counts` has the groups by state, `places` one page of them, those that need
    somebody first. `until_at` is set while those beneath wait for his word."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime
    title: str
    control: Control
    leader: str
    branches: Sequence[str]
    counts: dict[State, int]
    texts: Sequence[str]
    until_at: datetime | None
    read: bool
    places: Sequence[PlaceShape]
    page: int
    pages: int


class Overseen(BaseModel):
    """What is to be done about one group, and what was seen of it: how often its leader was reminded, and who had it.
    Said again after it was done, it does nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    action: Literal["nudge", "hand_over"]
    nudges: Annotated[int, Field(strict=True, ge=0, le=99_999)] = 0
    leader_id: Annotated[str, Field(max_length=64)] = ""


class DidShape(BaseModel):
    """Whether this very word did something."""

    changed: bool


@router.head("/{token}/branch", include_in_schema=False)
@router.get("/{token}/branch")
async def show_branch(link: Looking, page: Annotated[int, Query(ge=1, le=99_999)] = 1) -> BranchShape:
    """What a leader of a branch sees of it. Changes nothing."""
    found = await link.look_branch(page)
    if found is None:
        raise link.unknown()
    return BranchShape.model_validate(found)


@router.post("/{token}/branch/read")
async def read_branch(link: Telling) -> DidShape:
    """He has read what goes out in his branch: those beneath him are asked."""
    return DidShape(changed=await link.read())


@router.post("/{token}/branch/relays/{relay_id}")
async def oversee_one(link: Telling, relay_id: str, said: Overseen) -> DidShape:
    """One leader of the branch is reminded, or one group goes to the next in line. 409 where it cannot be done."""
    act = Act(said.action, nudges=said.nudges, leader_id=said.leader_id)
    return DidShape(changed=await link.oversee(relay_id, act))
