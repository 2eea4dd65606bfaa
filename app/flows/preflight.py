"""Preflight: what would happen, from the same plan and the same pacer that will make it happen. Saves nothing."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from app.core.db import Tx
from app.domain.access.rules import Caller
from app.domain.campaigns import service
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.rules import Audience
from app.domain.campaigns.states import Cascade, RouteChoice
from app.domain.deliveries import store as deliveries
from app.domain.directory import store as directory
from app.domain.planning.rules import Planned, plan, unfilled
from app.domain.planning.rules.fitting import fits_everywhere
from app.flows.brief import Campaign, Scene, scene, targets
from app.flows.findings import Finding, blockers_in, cascade_in, warnings_in
from app.flows.foresee import LaneForecast, Posts, lanes_of
from app.flows.kit import Kit
from app.flows.lay_tiers import order_of
from app.flows.tally import Survey
from app.flows.writers import senders

BATCH = 2_000


@dataclass(frozen=True)
class Preflight:
    """The answer. `finish_at` is the last post or the last leader's deadline, whichever is later."""

    groups: int
    lanes: Sequence[LaneForecast]
    finish_at: datetime | None
    warnings: Sequence[Finding]
    blockers: Sequence[Finding]


async def preflight(kit: Kit, caller: Caller, campaign_id: str) -> Preflight:
    """Forecast a campaign. Raises NotFound."""
    async with kit.db.read() as tx:
        campaign = await service.found(tx, caller.center_id, campaign_id)
        starts_at = max(campaign.send_at or tx.now, tx.now)
        found = await scene(kit, tx, campaign, starts_at=starts_at)
        survey, posts = _survey(campaign), Posts()
        async for one in _planned(tx, campaign, found):
            survey.see(one, zone=found.brief.zone)
            if one.route == "bot" and one.problem is None:
                posts.count(campaign, found.brief, one)
        order = await order_of(tx, campaign, survey.asked)
        heads = sorted({one.leader_id for one in order.tiers})
        unreachable = await _unreachable(tx, campaign.center_id, [*survey.leaders, *heads])
        names = await directory.names(tx, heads)
        tiers = [cascade_in(survey, order, names)] if campaign.cascade is Cascade.TIER_BY_TIER else []
        lanes, late, quotas = await lanes_of(kit, tx, posts, starts_at)
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
    """Only what would stop the launch. Where no text can be too long, that one group can be reached is enough."""
    found = await scene(kit, tx, campaign, starts_at=starts_at)
    survey, fits = _survey(campaign), fits_everywhere(found.brief)
    async with aclosing(_planned(tx, campaign, found)) as rows:
        async for one in rows:
            survey.see(one, zone=found.brief.zone)
            if fits and survey.sound:
                break
    missing = unfilled(campaign.texts, campaign.variables) if campaign.script_slug else ()
    return blockers_in(survey, missing=missing)


def _survey(campaign: Campaign) -> Survey:
    return Survey(pictured=campaign.picture_id is not None, calling=campaign.mention_all, pinning=campaign.pin)


async def _planned(tx: Tx, campaign: Campaign, found: Scene) -> AsyncGenerator[Planned]:
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
