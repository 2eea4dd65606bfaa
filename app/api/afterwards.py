"""What a head does about a campaign that went out: have what failed posted once more, take it back, correct it."""

from typing import Annotated

from fastapi import APIRouter, Header, Response, status
from pydantic import Field

from app.api.campaign_shape import CampaignShape, shape
from app.api.deps import KitDep, Operator
from app.api.idempotency import key_of
from app.api.new_campaign import Minutes, ScriptChoice
from app.api.shapes import Body, Id, Shape
from app.core.errors import Invalid
from app.core.text import Message, Name
from app.domain.campaigns import rules
from app.domain.campaigns.states import Mode
from app.flows.correct import Words, correct
from app.flows.recall import recall
from app.flows.retry import retry

router = APIRouter(prefix="/campaigns", tags=["campaigns"])


class Which(Body):
    """Some of the campaign's groups, or, without them, all."""

    groups: list[Id] | None = Field(default=None, min_length=1, max_length=10_000)


class Correction(Body):
    """Exactly one of `body` and `script`; what is left out is as in the first campaign. `mode`: in the place of the old
    words where they are one message and the platform can, else after them; or only one of the two: what was only to be
    edited, and cannot be, stays failed, and nobody is asked to post it."""

    title: Name | None = None
    body: Message | None = None
    script: ScriptChoice | None = None
    mode: Mode = Mode.AUTO
    relay_minutes: Annotated[Minutes, Field(ge=0.1)] | None = None

    def words(self) -> Words:
        """Raises Invalid for what the shape alone cannot refuse."""
        if (self.body is None) == (self.script is None):
            raise Invalid.field("/body", "Give either body or script.", code="body_or_script")
        return Words(
            mode=self.mode,
            title=self.title,
            texts={"": self.body} if self.body is not None else {},
            variables=self.script.variables if self.script else {},
            script_slug=self.script.slug if self.script else None,
            script_version=self.script.version if self.script else None,
            relay_minutes=self.relay_minutes,
        )


class Retried(Shape):
    """How many posts wait for their turn once more."""

    campaign_id: str
    retried: int


@router.post("/{campaign_id}/retry", status_code=status.HTTP_202_ACCEPTED)
async def once_more(kit: KitDep, caller: Operator, campaign_id: Id, body: Which | None = None) -> Retried:
    """Only what failed, and what expired unsent, is posted once more: never what stands or may stand. 409 unless the
    campaign is running or finished."""
    count = await retry(kit, caller, campaign_id, groups=body.groups if body else None)
    return Retried(campaign_id=campaign_id, retried=count)


@router.post("/{campaign_id}/recall", status_code=status.HTTP_202_ACCEPTED)
async def take_back(kit: KitDep, caller: Operator, campaign_id: Id, body: Which | None = None) -> CampaignShape:
    """What has not left is called off, what stands is taken back where its platform can, and whoever posted it is asked
    to delete it. Without `groups` the campaign is cancelled with it; with them it goes on elsewhere, and nobody is
    asked for these any more, missed or failed as they may be. `recall` in the answer says how far it is, and where
    nothing here can take it back."""
    await recall(kit, caller, campaign_id, groups=body.groups if body else None)
    return await shape(kit, caller.center_id, campaign_id)


@router.post("/{campaign_id}/correct", status_code=status.HTTP_202_ACCEPTED)
async def put_right(
    kit: KitDep,
    caller: Operator,
    campaign_id: Id,
    body: Correction,
    response: Response,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> CampaignShape:
    """New words, as a campaign of their own, which is the answer: where the old words stand they are edited or followed
    by the new ones, everywhere else only the new ones go out. Where the first campaign was called off, excused or taken
    back, and where a group is dormant or archived by now, nothing is said; what was decided after the draft is in the
    correction's ledger as `skipped`, with the reason. The first campaign is over with it, its ledger stays; while
    another corrects it, 409 names the one that can be corrected. The same `Idempotency-Key` with the same body answers
    the same campaign."""
    key = key_of(idempotency_key)
    fingerprint = rules.fingerprint({"corrects": campaign_id, **body.model_dump(mode="json")})
    made = await correct(kit, caller, campaign_id, body.words(), key=key, fingerprint=fingerprint)
    if made.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return await shape(kit, caller.center_id, made.campaign.id)
