"""The relay page's twin for machines: the same groups and the same three words, as JSON."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from app.domain.campaigns.states import State as Control
from app.domain.relays.states import State
from app.web.pressed import Pressed
from app.web.said import AnswerShape, AnswersShape, Looking, Said, SaidOfAll, Telling

REFUSED: dict[int | str, dict[str, Any]] = {
    403: {"description": "Sent by another website."},
    404: {"description": "Unknown, expired, forged and withdrawn links, and groups of another leader: all the same."},
    409: {"description": "There is nothing for a leader to confirm in this group."},
    410: {"description": "The campaign was called off."},
    429: {"description": "Too many unknown links from this address."},
}

router = APIRouter(prefix="/hooks/ack", tags=["relay links"], responses=REFUSED)
presses = APIRouter(prefix="/hooks/ack", tags=["relay links"], responses=REFUSED, route_class=Pressed)


class GroupShape(BaseModel):
    """One group of this leader. Those that wait come first."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    group: str
    platform: str
    state: State
    reason: str
    late: bool
    text: str
    deadline_at: datetime


class CampaignShape(BaseModel):
    """`picture`: whether one goes with the texts; it stands under `/r/{token}/picture`."""

    id: str
    title: str
    state: Control
    picture: bool


class LeaderShape(BaseModel):
    id: str
    name: str
    language: str | None


class PageShape(BaseModel):
    relays: list[GroupShape]
    campaign: CampaignShape
    leader: LeaderShape


@presses.post("/{token}/relays/{relay_id}")
async def tell(link: Telling, relay_id: str, said: Said) -> AnswerShape:
    """Say "acknowledge", "done" or "cannot" about one group. Saying it again answers how it stands."""
    return await link.tell(relay_id, said)


@router.head("/{token}", include_in_schema=False)
@router.get("/{token}")
async def show(link: Looking) -> PageShape:
    """What the link's leader has to do in its campaign. Changes nothing."""
    page = await link.look()
    return PageShape(
        relays=[GroupShape.model_validate(entry) for entry in page.entries],
        campaign=CampaignShape(
            id=page.campaign_id, title=page.title, state=page.control, picture=page.picture_id is not None
        ),
        leader=LeaderShape(id=page.leader_id, name=page.leader, language=page.language),
    )


@router.post("/{token}/all")
async def tell_all(link: Telling, said: SaidOfAll) -> AnswersShape:
    """Every open group of this link is done."""
    return await link.tell_all(said)
