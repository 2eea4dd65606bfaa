"""Foresee: when each account would post what it is given, by its terms, its quotas and its groups' quiet hours."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.core.db import Tx
from app.domain.accounts import store as accounts
from app.domain.deliveries.rules import part_id
from app.domain.deliveries.states import Kind
from app.domain.pacing.rules import Forecast, Waiting, forecasts, gap
from app.domain.planning.rules import Brief, Planned
from app.flows.brief import Campaign
from app.flows.findings import Finding
from app.flows.kit import Kit
from app.flows.lanes import delivery_id
from app.flows.night import Night
from app.flows.pin_up import pin_id
from app.flows.quotas import findings, ration
from app.flows.terms import terms

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


@dataclass
class Posts:
    """What each account would be given; whose each post would be, when it would expire, and when it keeps quiet."""

    waiting: dict[str, list[Waiting]] = field(default_factory=lambda: defaultdict(list))
    expiry: dict[str, tuple[str, float]] = field(default_factory=dict)
    night: Night = field(default_factory=Night)

    def count(self, campaign: Campaign, brief: Brief, one: Planned) -> None:
        group, chat = one.target.group_id, f"{one.target.platform}:{one.target.address_key}"
        zone = (one.target.timezone or brief.zone) if brief.quiet else None
        later = (part_id(campaign.id, Kind.ANNOUNCEMENT, group, turn=0, part=part) for part in range(1, len(one.parts)))
        posts = [delivery_id(campaign.id, group), *later]
        if campaign.pin and one.size is not None and one.size.pins:
            posts.append(pin_id(posts[0]))
        for named in posts:
            pause = gap(campaign.seed, named, least=campaign.min_gap_s, most=campaign.max_gap_s)
            waiting = Waiting(named, campaign.id, chat, campaign.priority.rank, one.starts_at.timestamp(), pause)
            self.waiting[str(one.target.account_id)].append(waiting)
            self.expiry[named] = group, one.deadline_at.timestamp()
            if zone:
                self.night.zones[named] = zone


async def lanes_of(
    kit: Kit, tx: Tx, posts: Posts, starts_at: datetime
) -> tuple[list[LaneForecast], int, list[Finding]]:
    """The forecast of each account, how many groups would get something too late, and what is left of quotas.
    Accounts that share limits are forecast together."""
    known = (await terms(kit, tx, posts.waiting)).values()
    pacers = {account: pacer for one in known for account, pacer in one.pacers().items()}
    left = await ration(tx, known, pacers, posts.waiting.keys())
    counts = {account: len(waiting) for account, waiting in posts.waiting.items()}
    seen = forecasts(pacers, posts.waiting, start=starts_at.timestamp(), put_off=posts.night.put_off)
    times = [entry for each in seen.values() for entry in each.times]
    late = {posts.expiry[named][0] for named, at in times if at >= posts.expiry[named][1]}
    names = {account.id: account.name for account in await accounts.get(tx, sorted(posts.waiting))}
    lanes = [_lane(names[account], len(seen[account].times), seen[account]) for account in sorted(seen)]
    return lanes, len(late), findings(left, counts, names)


def _lane(name: str, posts: int, seen: Forecast) -> LaneForecast:
    first_at, last_at = (datetime.fromtimestamp(at, UTC) for at in (seen.first_at, seen.last_at))
    busy = [(datetime.fromtimestamp(a, UTC), datetime.fromtimestamp(b, UTC)) for a, b in seen.busy(rest_s=REST_S)]
    return LaneForecast(name, posts, first_at, last_at, seen.bound_by, busy)
