"""Campaigns: drafted once per key, looked at beforehand, launched, and stopped."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Response, status
from pydantic import AwareDatetime, Field, model_validator

from app.api.deps import KitDep, Operator, Reader
from app.api.policies import EscalationBody
from app.api.shapes import Body, Cursor, Flag, Id, Limit, Listing, Seconds, Shape, listing
from app.core.errors import AppError, Invalid
from app.core.text import Line, Message, Name
from app.domain.campaigns import rules, service
from app.domain.campaigns.states import Priority, RouteChoice
from app.domain.escalation.rules import DEFAULT, INCIDENT, stamp
from app.flows import control
from app.flows.draft import draft
from app.flows.kit import Kit
from app.flows.launch import launch
from app.flows.preflight import preflight
from app.reports.campaigns import campaigns
from app.reports.progress import delivery_counts, progress

router = APIRouter(prefix="/campaigns", tags=["campaigns"])

Minutes = Annotated[float, Field(strict=True, le=31 * 24 * 60)]


class ScriptChoice(Body):
    slug: Annotated[Line, Field(min_length=1, max_length=100)]
    version: Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)] | None = None
    variables: dict[Annotated[Line, Field(max_length=64)], Annotated[Message, Field(max_length=2_000)]] = Field(
        default_factory=dict, max_length=50
    )


class AudienceBody(Body):
    """Branches (with all below them), tags and groups, united; none of them means every active group."""

    branches: list[Id] = Field(default_factory=list, max_length=1_000)
    tags: list[Annotated[Line, Field(min_length=1, max_length=100)]] = Field(default_factory=list, max_length=100)
    groups: list[Id] = Field(default_factory=list, max_length=10_000)
    exclude: list[Id] = Field(default_factory=list, max_length=10_000)


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
    audience: AudienceBody = Field(default_factory=AudienceBody)
    route: RouteChoice = RouteChoice.AUTO
    send_at: AwareDatetime | None = None
    window_minutes: Annotated[Minutes, Field(ge=0)] = 0
    relay_minutes: Annotated[Minutes, Field(ge=0.1)]
    pacing: PacingBody | None = None
    escalation: EscalationBody | None = None
    priority: Priority = Priority.NORMAL
    drill: Flag = False
    proof_percent: Annotated[int, Field(strict=True, ge=0, le=100)] = 0

    def draft(self) -> rules.Draft:
        """Raises Invalid for what the shape alone cannot refuse."""
        if (self.body is None) == (self.script is None):
            raise Invalid.field("/body", "Give either body or script.", code="body_or_script")
        if self.drill:
            raise Invalid.field("/drill", "This version cannot run drills.", code="drill_not_available")
        pacing = self.pacing or PacingBody(min_gap_s=rules.MIN_GAP_S, max_gap_s=rules.MAX_GAP_S)
        usual = INCIDENT if self.priority is Priority.INCIDENT else DEFAULT
        steps = self.escalation.policy() if self.escalation else usual
        return rules.Draft(
            title=self.title,
            texts={"": self.body} if self.body is not None else {},
            variables=self.script.variables if self.script else {},
            script_slug=self.script.slug if self.script else None,
            script_version=self.script.version if self.script else None,
            audience=rules.Audience(**self.audience.model_dump()),
            route=self.route,
            priority=self.priority,
            send_at=self.send_at,
            window_minutes=self.window_minutes,
            relay_minutes=self.relay_minutes,
            min_gap_s=pacing.min_gap_s,
            max_gap_s=pacing.max_gap_s,
            escalation=stamp(steps),
            drill=False,
            proof_percent=self.proof_percent,
        )


class CampaignShape(Shape):
    """`control` is what the operator asked for; `status` is read from the ledger and says `finished` only when no
    relay is open. `counts` has one number for every relay state."""

    id: str
    title: str
    status: str
    control: str
    priority: Priority
    route: RouteChoice
    script: str | None
    script_version: int | None
    send_at: datetime | None
    relay_minutes: float
    window_minutes: float
    proof_percent: int
    groups: int
    counts: dict[str, int]
    deliveries: dict[str, int]
    late: int
    created_at: datetime
    created_by: str
    started_at: datetime | None
    eta: datetime | None
    finished_at: datetime | None


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
    key = _key(idempotency_key)
    fingerprint = rules.fingerprint(body.model_dump(mode="json"))
    made = await draft(kit, caller, body.draft(), key=key, fingerprint=fingerprint)
    if made.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return await _shape(kit, caller.center_id, made.campaign.id)


def _key(given: str | None) -> str:
    if given is None:
        raise KeyMissing("idempotency_key_missing", "Send an Idempotency-Key header: a name for this very request.")
    if not 1 <= len(given) <= 255 or not all("!" <= letter <= "~" for letter in given):
        raise Invalid.field("/headers/Idempotency-Key", "Use 1 to 255 visible ASCII characters.", code="bad_key")
    return given


class KeyMissing(AppError):
    status = 400


async def _shape(kit: Kit, center_id: str, campaign_id: str) -> CampaignShape:
    async with kit.db.read() as tx:
        campaign = await service.found(tx, center_id, campaign_id)
        seen = await progress(tx, campaign)
        counted = await delivery_counts(tx, campaign_id)
    return CampaignShape(
        **{name: getattr(campaign, name) for name in ("id", "title", "priority", "route", "send_at", "relay_minutes")},
        **{
            name: getattr(campaign, name)
            for name in ("window_minutes", "proof_percent", "script_version", "created_at", "created_by")
        },
        control=campaign.state.value,
        script=campaign.script_slug,
        deliveries=counted,
        **seen.__dict__,
    )


@router.get("")
async def index(kit: KitDep, caller: Reader, limit: Limit = 50, cursor: Cursor = None) -> Listing[CampaignLine]:
    async with kit.db.read() as tx:
        page = await campaigns(tx, caller.center_id, limit=limit, cursor=cursor)
    return Listing[CampaignLine].model_validate(listing(CampaignLine, page))


@router.get("/{campaign_id}")
async def show(kit: KitDep, caller: Reader, campaign_id: Id) -> CampaignShape:
    return await _shape(kit, caller.center_id, campaign_id)


@router.post("/{campaign_id}/preflight")
async def look_ahead(kit: KitDep, caller: Operator, campaign_id: Id) -> PreflightShape:
    """What would happen, lane by lane. Saves nothing."""
    return PreflightShape.model_validate(await preflight(kit, caller, campaign_id))


@router.post("/{campaign_id}/launch", status_code=status.HTTP_202_ACCEPTED)
async def start(kit: KitDep, caller: Operator, campaign_id: Id) -> CampaignShape:
    """Freeze the draft and begin. 409 with the blockers where it cannot be."""
    await launch(kit, caller, campaign_id)
    return await _shape(kit, caller.center_id, campaign_id)


@router.post("/{campaign_id}/pause")
async def pause(kit: KitDep, caller: Operator, campaign_id: Id) -> CampaignShape:
    await control.pause(kit, caller, campaign_id)
    return await _shape(kit, caller.center_id, campaign_id)


@router.post("/{campaign_id}/resume")
async def resume(kit: KitDep, caller: Operator, campaign_id: Id) -> CampaignShape:
    await control.resume(kit, caller, campaign_id)
    return await _shape(kit, caller.center_id, campaign_id)


@router.post("/{campaign_id}/cancel")
async def cancel(kit: KitDep, caller: Operator, campaign_id: Id) -> CampaignShape:
    """What has not left will not leave. Cancelling twice is the same as once."""
    await control.cancel(kit, caller, campaign_id)
    return await _shape(kit, caller.center_id, campaign_id)
