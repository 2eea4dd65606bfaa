"""The plan: which group gets which words, by which route, when. Pure, and the same for preflight and launch."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.core.filling import fill, names, pick
from app.core.ids import share
from app.core.markdown import escaped, plain
from app.domain.planning.rules.sizes import Size as Size
from app.domain.planning.rules.sizes import posts as posts

MOST_PARTS = 5
"""Into as many posts a text may be cut that is too long for one."""
QUIET_FROM = time(22, 0)
QUIET_TO = time(8, 0)
FACTS = ("group", "branch", "leader", "members")
"""Names every text may use; the plan fills them from the group."""


class Problem(StrEnum):
    """Why a group cannot get the campaign as planned."""

    NO_ROUTE = "no_route"
    NO_ACCOUNT = "no_account"
    NO_LEADER = "no_leader"
    TOO_LONG = "too_long"
    NO_OWNER = "no_owner"
    NO_QUOTA = "no_quota"


@dataclass(frozen=True)
class Brief:
    """What a campaign asks for, frozen. `route` is auto, bot or leader. `zone` stands in where a group names none;
    without either, no quiet hours can be kept. `accounts` are those that may send, and what each takes at most;
    `platforms` those that bots can post to; `askers` the accounts that post nothing, but have their platform ask the
    owner of a group to send it. `split`: whether a text may go out in parts. `markdown`: whether the texts are.
    `picture`: whether there is one to be posted with them."""

    campaign_id: str
    title: str
    seed: str
    texts: Mapping[str, str]
    variables: Mapping[str, str]
    route: str
    starts_at: datetime
    window: timedelta
    relay_time: timedelta
    quiet: bool
    zone: str | None
    accounts: Mapping[str, Size]
    platforms: frozenset[str]
    split: bool = True
    markdown: bool = False
    askers: frozenset[str] = frozenset()
    picture: bool = False


class Target(NamedTuple):
    """One group of the audience, its facts first, and who answers for it, the first in line first. `owned`: whether the
    first is somebody whom the group's platform knows; `spent`: whether its owner may send it no more for now."""

    group_id: str
    name: str
    platform: str
    address_key: str
    account_id: str | None
    branch_id: str | None
    members: int | None
    timezone: str | None
    language: str | None
    routes: Sequence[str]
    branch: str
    leaders: Sequence[str]
    leader_name: str
    owned: bool = False
    spent: bool = False


class Planned(NamedTuple):
    """What happens to one group. `text` is what a person reads, without markup. With a `problem` nothing is sent and
    the relay begins as failed."""

    target: Target
    route: str | None
    text: str
    starts_at: datetime
    deadline_at: datetime
    held: bool
    """Whether quiet hours moved it."""
    problem: Problem | None = None
    measured: int = 0
    size: Size | None = None
    """What `measured` is held against."""
    parts: Sequence[str] = ()
    """What an account posts, in this order: the text, or what it is cut into; nothing stands for a picture alone."""
    asked_by: str | None = None
    """The account that has the platform ask its leader, where he is the owner of the group."""
    passed_over: Problem | None = None
    """Why that could not be, where it was wanted."""
    pictured: bool = False
    """Whether the first of the parts has the picture."""


def plan(brief: Brief, targets: Iterable[Target]) -> Iterator[Planned]:
    """One Planned for each target, in order."""
    cut = cache(posts)
    for target in targets:
        route, problem = choose_route(brief, target)
        asked_by = (
            target.account_id if route == "bot" and problem is None and target.account_id in brief.askers else None
        )
        text = words(brief, target)
        readable = plain(text) if brief.markdown else text
        starts_at, held = _begin(brief, target, spread=route == "bot" and not asked_by)
        measured, size, said, pictured = 0, None, list[str](), False
        if asked_by:
            route, size = "leader", brief.accounts[asked_by]
            measured = size.measure(readable)
            problem = None if measured <= size.most else Problem.TOO_LONG
        elif route == "bot" and problem is None:
            size = brief.accounts[str(target.account_id)]
            pictured = brief.picture and size.takes_picture
            measured, said = cut(text, size, most=MOST_PARTS if brief.split else 1, pictured=pictured)
            problem = None if said else Problem.TOO_LONG
        ends_at = starts_at + brief.relay_time
        over = None if asked_by else _passed_over(brief, target)
        outcome = (measured, size, said, asked_by, over, pictured)
        yield Planned(target, route, readable, starts_at, ends_at, held, problem, *outcome)


def choose_route(brief: Brief, target: Target) -> tuple[str | None, Problem | None]:
    """The first of the group's routes, within the campaign's choice, that has what it needs."""
    wanted = _wanted(brief, target)
    problem = Problem.NO_ROUTE
    for route in wanted:
        if route == "leader":
            if target.leaders:
                return "leader", None
            problem = Problem.NO_LEADER
        elif target.platform in brief.platforms:
            unpostable = _unpostable(brief, target)
            if unpostable is None:
                return "bot", None
            problem = unpostable
    return (wanted[-1] if wanted else None), problem


def _wanted(brief: Brief, target: Target) -> list[str]:
    """Ways into the group that this campaign may use, the first choice first."""
    if brief.route == "auto":
        return list(target.routes)
    wanted = [route for route in target.routes if route == brief.route]
    if not wanted:
        return [brief.route] if brief.route == "leader" or target.platform in brief.platforms else []
    return wanted


def _unpostable(brief: Brief, target: Target) -> Problem | None:
    """Why no account can post there, or have its owner asked to."""
    if target.account_id not in brief.accounts:
        return Problem.NO_ACCOUNT
    if target.account_id in brief.askers and not target.owned:
        return Problem.NO_OWNER
    return Problem.NO_QUOTA if target.account_id in brief.askers and target.spent else None


def _passed_over(brief: Brief, target: Target) -> Problem | None:
    """Why the platform does not ask its owner, where it would have been asked first."""
    if target.account_id not in brief.askers or target.platform not in brief.platforms:
        return None
    first = next(iter(_wanted(brief, target)), None)
    return _unpostable(brief, target) if first == "bot" else None


def words(brief: Brief, target: Target) -> str:
    """The finished text for one group. A name nobody gave a value stays as it is written."""
    body = pick(brief.texts, language=target.language, platform=target.platform)
    wanted = names(body)
    if not wanted:
        return body
    values = {
        **{name: "{" + name + "}" for name in wanted},
        **(_facts(target) if not brief.markdown else {name: escaped(fact) for name, fact in _facts(target).items()}),
        **brief.variables,
    }
    return fill(body, values)


def _facts(target: Target) -> dict[str, str]:
    return {
        "group": target.name,
        "branch": target.branch,
        "leader": target.leader_name,
        "members": "" if target.members is None else str(target.members),
    }


def unfilled(texts: Mapping[str, str], variables: Mapping[str, str]) -> list[str]:
    """Names in the texts that nothing will fill."""
    used = {name for body in texts.values() for name in names(body)}
    return sorted(used - set(FACTS) - set(variables))


def _begin(brief: Brief, target: Target, *, spread: bool) -> tuple[datetime, bool]:
    at = brief.starts_at
    if spread and brief.window:
        at += brief.window * share(brief.seed, target.group_id)
    zone = target.timezone or brief.zone
    if not brief.quiet or zone is None:
        return at, False
    awake = after_quiet(at, zone)
    return awake, awake != at


def after_quiet(at: datetime, zone: str) -> datetime:
    """The first moment from `at` on, in UTC, that lies outside 22:00 to 08:00 on the zone's own clock."""
    local = at.astimezone(ZoneInfo(zone))
    if QUIET_TO <= local.time() < QUIET_FROM:
        return at
    day = local.date() + timedelta(days=1 if local.time() >= QUIET_FROM else 0)
    morning = datetime.combine(day, QUIET_TO, ZoneInfo(zone))
    return morning.astimezone(at.tzinfo)
