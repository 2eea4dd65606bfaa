"""Campaigns: drafted once per key, looked at beforehand and launched."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Response, status
from pydantic import AwareDatetime, Field, model_validator

from app.api.audiences import ChosenAudience
from app.api.campaign_shape import CampaignShape, shape
from app.api.deps import KitDep, Operator, Reader
from app.api.idempotency import key_of
from app.api.policies import EscalationBody
from app.api.shapes import Body, Cursor, Flag, Id, Limit, Listing, Seconds, Shape, listing
from app.core.errors import Invalid
from app.core.text import Line, Message, Name
from app.domain.campaigns import rules
from app.domain.campaigns.states import Priority, RouteChoice
from app.domain.escalation.rules import DEFAULT, INCIDENT, stamp
from app.flows.draft import draft
from app.flows.launch import launch
from app.flows.preflight import preflight
from app.reports.campaigns import campaigns

router = APIRouter(prefix="/campaigns", tags=["campaigns"])

Minutes = Annotated[float, Field(strict=True, le=31 * 24 * 60)]


class ScriptChoice(Body):
    slug: Annotated[Line, Field(min_length=1, max_length=100)]
    version: Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)] | None = None
    variables: dict[Annotated[Line, Field(max_length=64)], Annotated[Message, Field(max_length=2_000)]] = Field(
        default_factory=dict, max_length=50
    )


class PacingBody(Body):
    """The pause between two posts of one account, in seconds."""

    min_gap_s: Seconds
    max_gap_s: Seconds

    @model_validator(mode="after")
    def _in_order(self) -> "PacingBody":
        if self.min_gap_s > self.max_gap_s:
            raise ValueError("min_gap_s is larger than max_gap_s")
        return self


class NewCampaign(Body):
    """Exactly one of `body` and `script`."""

    title: Name
    body: Message | None = None
    script: ScriptChoice | None = None
    audience: ChosenAudience = Field(default_factory=ChosenAudience)
    route: RouteChoice = RouteChoice.AUTO
    send_at: AwareDatetime | None = None
    window_minutes: Annotated[Minutes, Field(ge=0)] = 0
    relay_minutes: Annotated[Minutes, Field(ge=0.1)]
    pacing: PacingBody | None = None
    escalation: EscalationBody | None = None
    priority: Priority = Priority.NORMAL
    drill: Flag = False
    approval: Flag = False
    proof_percent: Annotated[int, Field(strict=True, ge=0, le=100)] = 0

    def draft(self) -> rules.Draft:
        """Raises Invalid for what the shape alone cannot refuse."""
        if (self.body is None) == (self.script is None):
            raise Invalid.field("/body", "Give either body or script.", code="body_or_script")
        if self.drill:
            raise Invalid.field("/drill", "This version cannot run drills.", code="drill_not_available")
        self.audience.sound()
        pacing = self.pacing or PacingBody(min_gap_s=rules.MIN_GAP_S, max_gap_s=rules.MAX_GAP_S)
        usual = INCIDENT if self.priority is Priority.INCIDENT else DEFAULT
        steps = self.escalation.policy() if self.escalation else usual
        return rules.Draft(
            title=self.title,
            texts={"": self.body} if self.body is not None else {},
            variables=self.script.variables if self.script else {},
            script_slug=self.script.slug if self.script else None,
            script_version=self.script.version if self.script else None,
            audience=rules.Audience(**self.audience.model_dump(exclude={"saved"})),
            route=self.route,
            priority=self.priority,
            send_at=self.send_at,
            window_minutes=self.window_minutes,
            relay_minutes=self.relay_minutes,
            min_gap_s=pacing.min_gap_s,
            max_gap_s=pacing.max_gap_s,
            escalation=stamp(steps),
            drill=False,
            needs_approval=self.approval,
            proof_percent=self.proof_percent,
        )


class CampaignLine(Shape):
    id: str
    title: str
    state: str
    priority: Priority
    created_at: datetime
    launched_at: datetime | None


class LaneShape(Shape):
    account: str
    posts: int
    first_at: datetime
    last_at: datetime
    bound_by: str


class FindingShape(Shape):
    code: str
    message: str
    groups: int
    examples: Sequence[str]


class PreflightShape(Shape):
    groups: int
    lanes: Sequence[LaneShape]
    finish_at: datetime | None
    warnings: Sequence[FindingShape]
    blockers: Sequence[FindingShape]


@router.post("", status_code=status.HTTP_201_CREATED)
async def create(
    kit: KitDep,
    caller: Operator,
    body: NewCampaign,
    response: Response,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> CampaignShape:
    """A draft. The same `Idempotency-Key` with the same body answers the same campaign, with another body 422."""
    key = key_of(idempotency_key)
    left_out = set() if body.approval else {"approval"}  # a key from before this field still means the same
    fingerprint = rules.fingerprint(body.model_dump(mode="json", exclude=left_out))
    made = await draft(kit, caller, body.draft(), key=key, fingerprint=fingerprint, saved=body.audience.saved)
    if made.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return await shape(kit, caller.center_id, made.campaign.id)


@router.get("")
async def index(kit: KitDep, caller: Reader, limit: Limit = 50, cursor: Cursor = None) -> Listing[CampaignLine]:
    async with kit.db.read() as tx:
        page = await campaigns(tx, caller.center_id, limit=limit, cursor=cursor)
    return Listing[CampaignLine].model_validate(listing(CampaignLine, page))


@router.get("/{campaign_id}")
async def show(kit: KitDep, caller: Reader, campaign_id: Id) -> CampaignShape:
    return await shape(kit, caller.center_id, campaign_id)


@router.post("/{campaign_id}/preflight")
async def look_ahead(kit: KitDep, caller: Reader, campaign_id: Id) -> PreflightShape:
    """What would happen, lane by lane. Saves nothing."""
    return PreflightShape.model_validate(await preflight(kit, caller, campaign_id))


@router.post("/{campaign_id}/launch", status_code=status.HTTP_202_ACCEPTED)
async def start(kit: KitDep, caller: Operator, campaign_id: Id) -> CampaignShape:
    """Freeze the draft and begin, or have it wait for a second person. 409 with the blockers where it cannot be."""
    await launch(kit, caller, campaign_id)
    return await shape(kit, caller.center_id, campaign_id)
