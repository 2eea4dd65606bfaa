"""Pass on: relays go to somebody else, who is asked; whoever had them hears that he need not post them any more."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from app.core.db import Tx
from app.core.journal import Move, Subject, append
from app.domain.deliveries.states import Kind
from app.domain.directory import store as directory
from app.domain.directory.store import Line
from app.domain.escalation.rules import Action, patience
from app.domain.relays import store as relays
from app.domain.relays.states import Part, State
from app.domain.relays.store import Keeper
from app.domain.tasks import store as tasks
from app.flows.brief import Campaign
from app.flows.correspond import Held, write

PARTS = {Action.DEPUTY: Part.DEPUTY, Action.BRANCH_LEADER: Part.BRANCH_LEADER, Action.HEAD: Part.HEAD}


async def successors(tx: Tx, campaign: Campaign, held: Sequence[Held], action: Action) -> dict[str, Keeper]:
    """For each of these relays, by id, who gets it next when this step is taken; nobody gets one he had before."""
    lines = await directory.lines(tx, campaign.center_id, [relay.group_id for relay in held])
    had = await relays.holders(tx, [relay.id for relay in held])
    head = (await directory.headquarters(tx, campaign.center_id)).head_id
    gone = await directory.unavailable(tx, campaign.center_id)
    found: dict[str, Keeper] = {}
    for relay in held:
        keepers = _in_line(lines.get(relay.group_id, Line((), ())), action, head)
        before = {*had.get(relay.id, ()), relay.leader_id, *gone}
        chosen = next((keeper for keeper in keepers if keeper.leader_id not in before), None)
        if chosen is not None:
            found[relay.id] = chosen
    return found


def _in_line(line: Line, action: Action, head: str | None) -> list[Keeper]:
    """Who could get it in this step, the first choice first."""
    top = [Keeper(head, Part.HEAD)] if head else []
    above = [Keeper(leader, Part.BRANCH_LEADER) for leader in line.above]
    if action is Action.HEAD:
        return top
    return above if action is Action.BRANCH_LEADER else [*(Keeper(leader, Part.DEPUTY) for leader in line.own), *above]


async def pass_on(
    tx: Tx, campaign: Campaign, held: Sequence[Held], to: Mapping[str, Keeper], *, actor: str, because: str
) -> set[str]:
    """Give these locked relays to `to`, by relay id; answers those that could still be given. One letter for each who
    gets some, one for each who gives some away."""
    people = {keeper.leader_id for keeper in to.values()}
    names = await directory.names(tx, sorted(people))
    alike: defaultdict[tuple[Keeper, bool], list[Held]] = defaultdict(list)
    for relay in held:
        if relay.id in to:
            alike[to[relay.id], relay.deadline_at <= tx.now].append(relay)
    given: set[str] = set()
    for (keeper, late), some in alike.items():
        reason = f"passed on to {names[keeper.leader_id]} ({keeper.part.value.replace('_', ' ')}): {because}"
        ids = [relay.id for relay in some]
        given.update(await relays.pass_on(tx, ids, keeper, late=late, actor=actor, reason=reason))
    await tasks.look_at(tx, {relay.task_id for relay in held if relay.id in given and relay.task_id}, tx.now)
    await _tell(tx, campaign, [relay for relay in held if relay.id in given], to, names)
    return given


async def _tell(
    tx: Tx, campaign: Campaign, passed: Sequence[Held], to: Mapping[str, Keeper], names: Mapping[str, str]
) -> None:
    gets: defaultdict[str, list[Held]] = defaultdict(list)
    gives: defaultdict[str, list[Held]] = defaultdict(list)
    for relay in passed:
        gets[to[relay.id].leader_id].append(relay)
        if relay.leader_id and relay.assigned_at and relay.state is not State.FAILED:
            gives[relay.leader_id].append(relay)
    until = tx.now + longest_patience(passed)
    reached = await write(tx, campaign, gets, kind=Kind.ESCALATION, words="step_in", until=until)
    await write(tx, campaign, gives, kind=Kind.ESCALATION, words="taken_over", until=until)
    unreached = [relay for relay in passed if to[relay.id].leader_id not in reached]
    await append(tx, [_unreached(campaign, relay, names[to[relay.id].leader_id]) for relay in unreached])


def longest_patience(relays: Iterable[Held]) -> timedelta:
    """For how long a letter about these is worth sending when their deadlines are over."""
    times = (patience(starts_at=relay.starts_at, deadline_at=relay.deadline_at) for relay in relays)
    return max(times, default=timedelta())


def _unreached(campaign: Campaign, relay: Held, name: str) -> Move:
    reason = f"no account can write to {name}: hand out the link"
    return Move(campaign.id, relay.id, Subject.RELAY, relay.id, relay.state, relay.state, "muster", reason)
