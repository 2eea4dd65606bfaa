"""What the plan is given: a campaign's brief and its groups with the people who answer for them. Read by preflight
and by the plan itself, so that both see the same."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

from app.channels.registry import platforms
from app.channels.tasks import Asks
from app.core.db import Tx
from app.core.markdown import Format
from app.domain.access import service as access
from app.domain.accounts import store as accounts
from app.domain.accounts.states import Status
from app.domain.campaigns.states import Cascade, Mode, Priority, RouteChoice, State
from app.domain.directory import store as directory
from app.domain.planning.rules import Brief, Target
from app.flows.askers import Asker, asker, spent
from app.flows.kit import Kit
from app.flows.sizes import size_of


class Campaign(Protocol):
    """The facts of a campaign that flows read."""

    id: str
    center_id: str
    title: str
    state: State
    send_at: datetime | None
    drill: bool
    needs_approval: bool
    picture_id: str | None
    created_by: str
    sealed: str | None
    corrects_id: str | None
    mode: Mode | None
    seed: str
    texts: dict[str, str]
    variables: dict[str, str]
    route: RouteChoice
    priority: Priority
    window_minutes: float
    relay_minutes: float
    min_gap_s: float
    max_gap_s: float
    mention_all: bool
    pin: bool
    split: bool
    format: Format
    starts_at: datetime | None
    planned_at: datetime | None
    ends_at: datetime | None
    escalation: list[dict[str, Any]]
    cascade: Cascade
    quorum: list[dict[str, Any]]
    audience: dict[str, Any]
    script_slug: str | None


class Facts(NamedTuple):
    """One group as the directory or a frozen audience has it: a row of these columns in this order, with which a
    target begins."""

    group_id: str
    name: str
    platform: str
    address_key: str
    account_id: str | None
    branch_id: str | None
    members: int | None
    timezone: str | None
    language: str | None
    routes: list[str]


class Person(Protocol):
    """The facts of a leader that the plan reads."""

    name: str
    contact_kind: str


@dataclass(frozen=True)
class Scene:
    """What the plan needs besides the groups, read once per plan."""

    brief: Brief
    branches: dict[str, str]
    askers: dict[str, Asker]


async def scene(kit: Kit, tx: Tx, campaign: Campaign, *, starts_at: datetime) -> Scene:
    center = await access.center(tx, campaign.center_id)
    markdown = campaign.format is Format.MARKDOWN
    sizes = {name: size_of(channel, markdown=markdown) for name, channel in kit.channels.items()}
    usable = [
        account
        for account in await accounts.of_center(tx, center.id)
        if account.status is not Status.OFF and account.channel in kit.channels
    ]
    asking = [account for account in usable if isinstance(kit.channels[account.channel], Asks)]
    brief = Brief(
        campaign_id=campaign.id,
        title=campaign.title,
        seed=campaign.seed,
        texts=campaign.texts,
        variables=campaign.variables,
        route=campaign.route.value,
        starts_at=starts_at,
        window=timedelta(minutes=campaign.window_minutes),
        relay_time=timedelta(minutes=campaign.relay_minutes),
        quiet=campaign.priority is not Priority.INCIDENT,
        zone=center.timezone,
        accounts={account.id: sizes[account.channel] for account in usable},
        platforms=platforms(kit.channels),
        split=campaign.split,
        markdown=markdown,
        askers=frozenset(account.id for account in asking),
        picture=campaign.picture_id is not None,
    )
    branches = {branch.id: branch.path for branch in await directory.branches(tx, center.id)}
    return Scene(brief, branches, {account.id: asker(kit, account) for account in asking})


async def targets(tx: Tx, center_id: str, found: Scene, groups: Sequence[Facts]) -> list[Target]:
    """These groups with the leaders who answer for them."""
    answering = await directory.answering(tx, center_id, [group.group_id for group in groups])
    firsts = {leaders[0] for leaders in answering.values() if leaders}
    people = {person.id: person for person in await directory.people(tx, sorted(firsts))}
    asked = {group.group_id: asker for group in groups if (asker := found.askers.get(group.account_id or ""))}
    used_up = await spent(tx, asked, at=found.brief.starts_at)
    return [_target(found, group, answering, people, used_up) for group in groups]


def _target(
    found: Scene, group: Facts, answering: Mapping[str, list[str]], people: Mapping[str, Person], used_up: Set[str]
) -> Target:
    group_id, _, _, _, account_id, branch_id, *_ = group  # a row is slow to name what is in it
    leaders = answering.get(group_id, [])
    first = people[leaders[0]] if leaders else None
    asker = found.askers.get(account_id or "")
    return Target(
        *group,
        branch=found.branches.get(branch_id or "", ""),
        leaders=leaders,
        leader_name=first.name if first else "",
        owned=first is not None and asker is not None and first.contact_kind == asker.contact,
        spent=group_id in used_up,
    )
