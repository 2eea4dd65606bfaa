"""One campaign as every route that changes or shows it answers it."""

from collections.abc import Sequence
from datetime import datetime

from app.api.shapes import Shape
from app.core.markdown import Format
from app.domain.access import service as access
from app.domain.campaigns import service
from app.domain.campaigns.states import Cascade, Mode, Priority, Proof, RouteChoice
from app.flows.concerned import corrected_by
from app.flows.kit import Kit
from app.reports.progress import delivery_counts, progress
from app.reports.quorums import quorums
from app.reports.recalls import recalled
from app.reports.tiers import tiers


class LeftShape(Shape):
    """One group in which it stands, and why it cannot be taken back."""

    group_id: str
    group: str
    reason: str


class RecallShape(Shape):
    """How far it was taken back. `counts` has one number for every state of a recall; `wanted` may be under way or in
    doubt still. `left` names the first two hundred groups of those where it is `impossible`."""

    asked_at: datetime
    counts: dict[str, int]
    left: Sequence[LeftShape]


class ApprovalShape(Shape):
    """`fingerprint` stands for the exact content that waits for a second person, or that one has agreed to."""

    needed: bool
    fingerprint: str | None
    approved_by: str | None
    rejection: str | None


class AlarmShape(Shape):
    """A quorum: `percent` of the groups, of a branch with all below it or of all, by `due_at` (set at launch). `done`
    of `total` had it then, once it is `reached` or `missed`."""

    percent: int
    at: datetime | None
    at_percent: int | None
    branch_id: str | None
    branch: str | None
    state: str
    due_at: datetime | None
    done: int | None
    total: int | None


class TierShape(Shape):
    """A branch of a cascade whose leader comes first. While it is `waiting` or `told`, those beneath are not asked, at
    the latest until `until_at`; `read` by him, or `passed` without his word for the stated `reason`."""

    branch_id: str
    branch: str
    leader_id: str
    leader: str
    state: str
    reason: str
    told_at: datetime | None
    until_at: datetime
    ended_at: datetime | None


class CampaignShape(Shape):
    """`control` is what the operator asked for; `status` is read from the ledger and says `finished` only when no
    relay is open. `counts` has one number for every relay state. `texts` has the unfilled words by `language` or
    `language/platform`, `""` being the one for everybody. `picture` is the id of what goes out with them.
    `corrects` is the campaign whose words these correct, in `mode`."""

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
    proof: Proof
    cascade: Cascade
    quorum: Sequence[AlarmShape]
    tiers: Sequence[TierShape]
    mention_all: bool
    pin: bool
    split: bool
    format: Format
    picture: str | None
    groups: int
    counts: dict[str, int]
    deliveries: dict[str, int]
    late: int
    created_at: datetime
    created_by: str
    started_at: datetime | None
    eta: datetime | None
    finished_at: datetime | None
    texts: dict[str, str]
    variables: dict[str, str]
    approval: ApprovalShape
    corrects: str | None
    mode: Mode | None
    corrected_by: str | None
    recall: RecallShape | None


async def shape(kit: Kit, center_id: str, campaign_id: str) -> CampaignShape:
    """Raises NotFound."""
    async with kit.db.read() as tx:
        campaign = await service.found(tx, center_id, campaign_id)
        seen = await progress(tx, campaign)
        counted = await delivery_counts(tx, campaign_id)
        center = await access.center(tx, center_id)
        after = await corrected_by(tx, campaign_id)
        back = await recalled(tx, campaign_id)
        above = await tiers(tx, campaign_id)
        alarms = await quorums(tx, campaign)
    return CampaignShape(
        **{name: getattr(campaign, name) for name in ("id", "title", "priority", "route", "send_at", "relay_minutes")},
        **{name: getattr(campaign, name) for name in ("window_minutes", "script_version", "created_at", "created_by")},
        **{
            name: getattr(campaign, name)
            for name in (
                "texts",
                "variables",
                "proof_percent",
                "proof",
                "cascade",
                "mention_all",
                "pin",
                "split",
                "format",
            )
        },
        control=campaign.state.value,
        picture=campaign.picture_id,
        script=campaign.script_slug,
        deliveries=counted,
        approval=ApprovalShape(
            needed=campaign.needs_approval or (campaign.launched_at is None and center.needs_approval),
            fingerprint=campaign.sealed,
            approved_by=campaign.approved_by,
            rejection=campaign.rejection,
        ),
        quorum=[AlarmShape.model_validate(one) for one in alarms],
        tiers=[TierShape.model_validate(one) for one in above],
        corrects=campaign.corrects_id,
        mode=campaign.mode,
        corrected_by=after,
        recall=RecallShape.model_validate(back) if back else None,
        **seen.__dict__,
    )
