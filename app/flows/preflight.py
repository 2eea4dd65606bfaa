"""Preflight: what would happen, from the same plan and the same pacer that will make it happen. Saves nothing."""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.core.db import Tx
from app.domain.access.rules import Caller
from app.domain.accounts import store as accounts
from app.domain.campaigns import service
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.rules import Audience
from app.domain.campaigns.states import Cascade, RouteChoice
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.rules import part_id
from app.domain.deliveries.states import Kind
from app.domain.directory import store as directory
from app.domain.pacing.rules import Forecast, Waiting, forecasts, gap
from app.domain.planning.rules import Planned, plan, unfilled
from app.flows.brief import Campaign, Scene, scene, targets
from app.flows.findings import Finding, Survey, blockers_in, cascade_in, warnings_in
from app.flows.kit import Kit
from app.flows.lanes import delivery_id
from app.flows.lay_tiers import order_of
from app.flows.quotas import findings, ration
from app.flows.terms import terms
from app.flows.writers import senders

BATCH = 2_000
REST_S = 7_200.0
"""An account that posts nothing for longer rests, as in quiet hours or until a quota is given anew."""


@dataclass(frozen=True)
class LaneForecast:
    """One account's part: `account` is its name, `busy` the stretches in which it posts, without its long rests."""

    account: str
    posts: int
    first_at: datetime
    last_at: datetime
    bound_by: str
    busy: Sequence[tuple[datetime, datetime]]


@dataclass(frozen=True)
class Preflight:
    """The answer. `finish_at` is the last post or the last leader's deadline, whichever is later."""

    groups: int
    lanes: Sequence[LaneForecast]
    finish_at: datetime | None
    warnings: Sequence[Finding]
    blockers: Sequence[Finding]


@dataclass
class _Posts:
    """What each account would be given; whose each post would be, and when it would expire."""

    waiting: dict[str, list[Waiting]] = field(default_factory=lambda: defaultdict(list))
    expiry: dict[str, tuple[str, float]] = field(default_factory=dict)


async def preflight(kit: Kit, caller: Caller, campaign_id: str) -> Preflight:
    """Forecast a campaign. Raises NotFound."""
    async with kit.db.read() as tx:
        campaign = await service.found(tx, caller.center_id, campaign_id)
        starts_at = max(campaign.send_at or tx.now, tx.now)
        found = await scene(kit, tx, campaign, starts_at=starts_at)
        survey, posts = Survey(), _Posts()
        async for one in _planned(tx, campaign, found):
            survey.see(one, zone=found.brief.zone)
            if one.route == "bot" and one.problem is None:
                _count(posts, campaign, one)
        order = await order_of(tx, campaign, survey.asked)
        heads = sorted({one.leader_id for one in order.tiers})
        unreachable = await _unreachable(tx, campaign.center_id, [*survey.leaders, *heads])
        names = {person.id: person.name for person in await directory.people(tx, heads)}
        tiers = [cascade_in(survey, order, names)] if campaign.cascade is Cascade.TIER_BY_TIER else []
        lanes, late, quotas = await _lanes(kit, tx, posts, starts_at)
        gates = await deliveries.closed_gates(tx, [campaign.center_id, *posts.waiting])
        lost = await _lost(tx, campaign)
    ends = [lane.last_at for lane in lanes] + ([survey.ends_at] if survey.ends_at else [])
    missing = unfilled(campaign.texts, campaign.variables)
    scripted = campaign.script_slug is not None
    return Preflight(
        groups=survey.groups,
        lanes=lanes,
        finish_at=max(ends, default=None),
        warnings=[
            *tiers,
            *warnings_in(
                survey,
                unreachable=unreachable,
                late=late,
                stray=() if scripted else missing,
                gates=[gate.reason for gate in gates],
                lost=lost,
            ),
            *quotas,
        ],
        blockers=blockers_in(survey, missing=missing if scripted else ()),
    )


async def blockers(kit: Kit, tx: Tx, campaign: Campaign, *, starts_at: datetime) -> list[Finding]:
    """Only what would stop the launch."""
    found = await scene(kit, tx, campaign, starts_at=starts_at)
    survey = Survey()
    async for one in _planned(tx, campaign, found):
        survey.see(one, zone=found.brief.zone)
    missing = unfilled(campaign.texts, campaign.variables) if campaign.script_slug else ()
    return blockers_in(survey, missing=missing)


async def _planned(tx: Tx, campaign: Campaign, found: Scene) -> AsyncIterator[Planned]:
    """The plan of the audience as the directory has it now, in batches."""
    audience = directory.audience(campaign.center_id, **Audience(**campaign.audience).__dict__)
    after = ""
    while True:
        groups = await campaigns.some_groups(tx, audience, after=after, limit=BATCH)
        for one in plan(found.brief, await targets(tx, campaign.center_id, found, groups)):
            yield one
        if len(groups) < BATCH:
            return
        after = groups[-1].group_id


def _count(posts: _Posts, campaign: Campaign, one: Planned) -> None:
    group, chat = one.target.group_id, f"{one.target.platform}:{one.target.address_key}"
    for part in range(len(one.parts)):
        named = delivery_id(campaign.id, group)
        if part:
            named = part_id(campaign.id, Kind.ANNOUNCEMENT, group, turn=0, part=part)
        pause = gap(campaign.seed, named, least=campaign.min_gap_s, most=campaign.max_gap_s)
        waiting = Waiting(named, campaign.id, chat, campaign.priority.rank, one.starts_at.timestamp(), pause)
        posts.waiting[str(one.target.account_id)].append(waiting)
        posts.expiry[named] = group, one.deadline_at.timestamp()


async def _lanes(kit: Kit, tx: Tx, posts: _Posts, starts_at: datetime) -> tuple[list[LaneForecast], int, list[Finding]]:
    """The forecast of each account, how many groups would get something too late, and what is left of quotas.
    Accounts that share limits are forecast together."""
    known = (await terms(kit, tx, posts.waiting)).values()
    pacers = {account: pacer for one in known for account, pacer in one.pacers().items()}
    left = await ration(tx, known, pacers, posts.waiting.keys())
    counts = {account: len(waiting) for account, waiting in posts.waiting.items()}
    seen = forecasts(pacers, posts.waiting, start=starts_at.timestamp())
    times = [entry for each in seen.values() for entry in each.times]
    late = {posts.expiry[named][0] for named, at in times if at >= posts.expiry[named][1]}
    names = {account.id: account.name for account in await accounts.get(tx, sorted(posts.waiting))}
    lanes = [_lane(names[account], len(seen[account].times), seen[account]) for account in sorted(seen)]
    return lanes, len(late), findings(left, counts, names)


def _lane(name: str, posts: int, seen: Forecast) -> LaneForecast:
    first_at, last_at = (datetime.fromtimestamp(at, UTC) for at in (seen.first_at, seen.last_at))
    busy = [(datetime.fromtimestamp(a, UTC), datetime.fromtimestamp(b, UTC)) for a, b in seen.busy(rest_s=REST_S)]
    return LaneForecast(name, posts, first_at, last_at, seen.bound_by, busy)


async def _lost(tx: Tx, campaign: Campaign) -> directory.Lost:
    """The groups of the audience that no account is in any more; nobody's loss where leaders post."""
    if campaign.route is RouteChoice.LEADER:
        return directory.Lost(0, ())
    return await directory.lost(tx, directory.audience(campaign.center_id, **Audience(**campaign.audience).__dict__))


async def _unreachable(tx: Tx, center_id: str, leader_ids: Sequence[str]) -> dict[str, str]:
    """Of these leaders, those whom no account of the center can write to, by id."""
    people = await directory.people(tx, leader_ids)
    reachable = {"webhook", *await senders(tx, center_id, {person.contact_kind for person in people})}
    return {person.id: person.name for person in people if person.contact_kind not in reachable}
