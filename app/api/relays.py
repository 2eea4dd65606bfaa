"""The ledger of a campaign: who has it, who has not, and how each relay came to where it stands."""

from collections.abc import Sequence
from datetime import datetime

from fastapi import APIRouter, status

from app.api.deps import KitDep, Operator, Reader
from app.api.shapes import Cursor, Id, Limit, Listing, Shape, listing
from app.core.errors import NotFound
from app.domain.access.rules import Caller
from app.domain.campaigns import service as campaigns
from app.domain.recalls.states import State as Recall
from app.domain.relays.states import Evidence, Part, Route, State, Via
from app.flows.kit import Kit
from app.flows.paper_links import paper_links
from app.reports import ledger
from app.reports.missed import missed
from app.reports.tiers import TierLine, held_by
from app.reports.tree import tree

router = APIRouter(tags=["ledger"])


class RelayShape(Shape):
    """`recall` is what became of the wish to take it back; from `recalled_at` on it does not stand any more.
    `proof_picture` is the id of the picture its leader showed as his proof; it stands under `/pictures/{id}`."""

    id: str
    campaign_id: str
    group_id: str
    group_name: str
    platform: str
    branch: str | None
    state: State
    reason: str
    route: Route | None
    leader_id: str | None
    leader_name: str | None
    via: Via | None
    late: bool
    evidence: Evidence | None
    starts_at: datetime
    deadline_at: datetime
    next_step_at: datetime | None
    nudges: int
    assigned_at: datetime | None
    relayed_at: datetime | None
    changed_at: datetime
    recall: Recall | None
    recall_reason: str | None
    recalled_at: datetime | None
    proof_picture: str | None


class EventShape(Shape):
    at: datetime
    subject: str
    subject_id: str
    was: str | None
    became: str
    actor: str
    reason: str


class ProofShape(Shape):
    """What a leader showed with the word that settled it: `words`, a `picture` by its id, or both; `code`: that he read
    the group's code."""

    at: datetime
    leader_id: str
    leader: str
    words: str
    code: bool
    picture: str | None


class RelayStory(RelayShape):
    """`why` says what it waits for, where somebody else's word has to come first; else it is empty."""

    text: str
    why: str
    events: Sequence[EventShape]
    proofs: Sequence[ProofShape]


class ToldShape(Shape):
    leader_id: str
    leader: str
    part: Part
    since: datetime | None
    until: datetime | None


class MissedShape(Shape):
    relay_id: str
    group_id: str
    group: str
    platform: str
    branch: str | None
    leader_id: str | None
    leader: str | None
    deputies: Sequence[str]
    state: State
    reason: str
    since: datetime
    deadline_at: datetime
    nudges: int
    told: Sequence[ToldShape]
    next_step: str
    next_step_at: datetime | None


class NodeShape(Shape):
    id: str | None
    name: str
    path: str
    groups: int
    counts: dict[str, int]
    children: list["NodeShape"]


class LinkShape(Shape):
    """A relay link to hand out on paper or by voice; `url` is shown this once."""

    leader_id: str
    leader: str
    groups: int
    open: int
    url: str


class Links(Shape):
    items: Sequence[LinkShape]


class Tree(Shape):
    items: list[NodeShape]


@router.get("/campaigns/{campaign_id}/relays")
async def index(
    kit: KitDep,
    caller: Reader,
    campaign_id: Id,
    state: State | None = None,
    branch: Id | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Listing[RelayShape]:
    """Every relay; `branch` is a branch's id and means all below it."""
    async with kit.db.read() as tx:
        await campaigns.found(tx, caller.center_id, campaign_id)
        page = await ledger.relays(
            tx, caller.center_id, campaign_id, state=state, branch=branch, limit=limit, cursor=cursor
        )
    return Listing[RelayShape].model_validate(listing(RelayShape, page))


@router.get("/campaigns/{campaign_id}/missed")
async def who_missed_it(
    kit: KitDep, caller: Reader, campaign_id: Id, limit: Limit = 200, cursor: Cursor = None
) -> Listing[MissedShape]:
    """Every relay past its deadline, failed or uncertain, and who is on it."""
    async with kit.db.read() as tx:
        await campaigns.found(tx, caller.center_id, campaign_id)
        page = await missed(tx, caller.center_id, campaign_id, limit=limit, cursor=cursor)
    return Listing[MissedShape].model_validate(listing(MissedShape, page))


@router.get("/campaigns/{campaign_id}/tree")
async def roll_up(kit: KitDep, caller: Reader, campaign_id: Id) -> Tree:
    """The counts of every branch with all below it."""
    async with kit.db.read() as tx:
        await campaigns.found(tx, caller.center_id, campaign_id)
        nodes = await tree(tx, caller.center_id, campaign_id)
    return Tree(items=[NodeShape.model_validate(node) for node in nodes])


@router.post("/campaigns/{campaign_id}/links", status_code=status.HTTP_201_CREATED)
async def links(kit: KitDep, caller: Operator, campaign_id: Id) -> Links:
    """A fresh link for every leader of the campaign, for the head to hand out; earlier links stay good."""
    return Links(items=[LinkShape.model_validate(one) for one in await paper_links(kit, caller, campaign_id)])


@router.get("/relays/{relay_id}")
async def show(kit: KitDep, caller: Reader, relay_id: Id) -> RelayStory:
    """One relay, its text, and everything that happened to it, oldest first."""
    return await story(kit, caller, relay_id)


async def story(kit: Kit, caller: Caller, relay_id: str) -> RelayStory:
    """Raises NotFound."""
    async with kit.db.read() as tx:
        found = await ledger.story(tx, caller.center_id, relay_id)
        tier = await held_by(tx, relay_id) if found else None
    if found is None:
        raise NotFound("relay_not_found", "There is no such relay in this center.")
    relay = RelayShape.model_validate(found.relay)
    events = [EventShape(**{**line.__dict__, "subject": line.subject.value}) for line in found.events]
    shown = [ProofShape.model_validate(one) for one in found.proofs]
    return RelayStory(**relay.model_dump(), text=found.text, why=_why(tier), events=events, proofs=shown)


def _why(tier: TierLine | None) -> str:
    if tier is None:
        return ""
    return f"It waits for {tier.leader} ({tier.branch}) until {tier.until_at:%Y-%m-%d %H:%M:%S} UTC: he is told first."
