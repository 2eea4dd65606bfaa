"""Step in: the head does by hand, for one relay, what the policy would do in its time, or says that it is settled."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from app.core import audit
from app.core.db import Tx
from app.core.errors import Conflict, Invalid, NotFound
from app.core.jobs import WAKE
from app.domain.access.rules import Caller
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import State as CampaignState
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.states import Kind
from app.domain.directory import store as directory
from app.domain.escalation.rules import NUDGES_A_DAY, Action, read
from app.domain.recalls import store as recalls
from app.domain.relays import store as relays
from app.domain.relays.states import Evidence, News, Part, Route, State, Via
from app.domain.relays.store import Keeper
from app.flows.advance import go_on, step_line
from app.flows.brief import Campaign
from app.flows.correspond import Held, write
from app.flows.from_the_start import give_from_the_start
from app.flows.kit import Kit
from app.flows.last_resort import last_resort
from app.flows.nudge_owners import nudge_owners
from app.flows.pass_on import longest_patience, pass_on, successors
from app.flows.relief import Settled, stand_down
from app.flows.remind import DAY

ASKED = (State.ASSIGNED, State.ACKNOWLEDGED, State.MISSED)
OURS = (*ASKED, State.FAILED)


class _Named(Protocol):
    center_id: str
    name: str


async def nudge(kit: Kit, caller: Caller, relay_id: str) -> None:
    """Remind whoever has it now, within his nudges of the day. Raises NotFound, Conflict."""
    async with kit.db.write() as tx:
        campaign, relay = await meant(tx, caller.center_id, relay_id, ASKED)
        await _not_withdrawn(tx, relay_id)
        await remind(tx, campaign, relay.leader_id, [relay], actor=caller.actor)
        await _noted(tx, caller, "nudge", relay_id)


async def remind(tx: Tx, campaign: Campaign, leader_id: str | None, held: Sequence[Held], *, actor: str) -> None:
    """One more letter about these relays for the leader who has them, within his nudges of the day; it goes out after
    the deadline, too. Raises Conflict."""
    if leader_id is None:
        raise Conflict("nobody_has_it", "Nobody has this group; hand it over to somebody first.")
    told = await deliveries.nudges_since(tx, [leader_id], tx.now - DAY)
    if told.get(leader_id, 0) >= NUDGES_A_DAY:
        raise Conflict("nudged_enough", f"This leader has had {NUDGES_A_DAY} nudges in the last 24 hours.")
    nudged = await nudge_owners(tx, {leader_id: [(campaign, held)]})
    if nudged.enough:
        raise Conflict("nudged_enough", "The platform has reminded this leader three times in the last 24 hours.")
    letters = [relay for _, mine in nudged.letters.get(leader_id, ()) for relay in mine]
    until = tx.now + longest_patience(letters)
    if letters and not await write(tx, campaign, {leader_id: letters}, kind=Kind.NUDGE, until=until):
        raise Conflict("unreachable", "No account can write to this leader: hand out the link.")
    await relays.reminded(tx, [relay.id for relay in held])
    for relay in held:
        await step_line(tx, campaign, relay, f"reminded by {actor}", actor=actor)


async def hand_over(kit: Kit, caller: Caller, relay_id: str, *, leader_id: str | None) -> None:
    """Give it to this leader, or to the next in line; what nobody was asked for yet is his from the start. Raises
    NotFound, Invalid, Conflict."""
    async with kit.db.write() as tx:
        campaign, relay = await _held(tx, caller.center_id, relay_id)
        early = relay.state is State.PLANNED and relay.route is Route.LEADER and relay.task_id is None
        if not early or campaign.state is CampaignState.CANCELLED:
            _may(campaign, relay, OURS)
        await _not_withdrawn(tx, relay_id)
        if leader_id is None:
            to = await successors(tx, campaign, [relay], Action.DEPUTY)
            if not to:
                raise Conflict("nobody_in_line", "Nobody else is in line for this group; name a leader.")
        else:
            to = {relay_id: Keeper(await _there(tx, caller, leader_id), Part.DEPUTY)}
            if relay.leader_id == leader_id:
                raise Conflict("has_it_already", "This leader has it already; nudge instead.")
        if early:
            heirs = {relay_id: to[relay_id].leader_id}
            await give_from_the_start(tx, campaign, heirs, actor=caller.actor, because=f"handed over by {caller.actor}")
        else:
            await give(tx, campaign, relay, to, actor=caller.actor)
        await _noted(tx, caller, "hand_over", relay_id, to=to[relay_id].leader_id)


async def give(tx: Tx, campaign: Campaign, relay: Held, to: Mapping[str, Keeper], *, actor: str) -> None:
    """Somebody decided who has this locked relay from now on: the policy goes on for him, with what is still ahead."""
    await pass_on(tx, campaign, [relay], to, actor=actor, because=f"handed over by {actor}")
    if relay.assigned_at is not None:  # else the policy never began
        await go_on(tx, read(campaign.escalation), relay)


async def _there(tx: Tx, caller: Caller, leader_id: str) -> str:
    found: Sequence[_Named] = await directory.people(tx, [leader_id])
    if not found or found[0].center_id != caller.center_id:
        raise Invalid.field("/leader_id", "There is no such leader.")
    if leader_id in await directory.unavailable(tx, caller.center_id):
        raise Invalid.field("/leader_id", f"{found[0].name} is away, or has left.")
    return leader_id


async def excuse(kit: Kit, caller: Caller, relay_id: str, *, reason: str) -> None:
    """This group need not have it: skipped, not missed. Raises NotFound, Conflict."""
    await _settle(kit, caller, relay_id, News.EXCUSED, "excuse", reason=f"excused: {reason}")


async def done(kit: Kit, caller: Caller, relay_id: str, *, note: str) -> None:
    """The head has posted it, or has seen it there. Raises NotFound, Conflict."""
    async with kit.db.read() as tx:
        late = any(relay.deadline_at <= tx.now for relay in await relays.some(tx, caller.center_id, [relay_id]))
    values = {"via": Via.HEAD, "evidence": Evidence.PROOF if note else Evidence.SELF_REPORTED, "late": late}
    await _settle(kit, caller, relay_id, News.CONFIRMED, "done", reason=note, route=Route.LEADER, **values)


async def _settle(
    kit: Kit, caller: Caller, relay_id: str, news: News, verb: str, *, reason: str, **values: Any
) -> None:
    async with kit.db.write() as tx:
        campaign, relay = await meant(tx, caller.center_id, relay_id, (*OURS, State.PLANNED))
        if news is News.CONFIRMED:
            values["relayed_at"] = tx.now
        await relays.move(tx, [relay_id], news, actor=caller.actor, reason=reason, next_step_at=None, **values)
        await stand_down(tx, campaign.id, [(relay, "")])
        if news is News.CONFIRMED:
            await recalls.stand(tx, [relay_id])
        await _noted(tx, caller, verb, relay_id, reason=reason)
        tx.then(WAKE, verb)


async def post(kit: Kit, caller: Caller, relay_id: str) -> None:
    """Have an account post it instead of the leader, once. Raises NotFound, Conflict."""
    async with kit.db.write() as tx:
        campaign, relay = await meant(tx, caller.center_id, relay_id, OURS)
        await _not_withdrawn(tx, relay_id)
        because = f"{caller.actor} wants it so"
        if not await last_resort(kit, tx, campaign, [relay], actor=caller.actor, because=because):
            raise Conflict("cannot_post", "No account can post into this group, or one has tried already.")
        await stand_down(tx, campaign.id, [(relay, "")])
        await _noted(tx, caller, "post", relay_id)


async def _not_withdrawn(tx: Tx, relay_id: str) -> None:
    if await recalls.concerned(tx, [relay_id]):
        raise Conflict("taken_back", "It is taken back in this group; nobody is to post it there any more.")


async def meant(tx: Tx, center_id: str, relay_id: str, states: Sequence[State]) -> tuple[Campaign, Settled]:
    """The relay, locked, with its campaign, if it stands where this can be done to it."""
    campaign, relay = await _held(tx, center_id, relay_id)
    _may(campaign, relay, states)
    return campaign, relay


async def _held(tx: Tx, center_id: str, relay_id: str) -> tuple[Campaign, Settled]:
    found = await relays.some(tx, center_id, [relay_id])
    if not found:
        raise NotFound("relay_not_found", "There is no such relay in this center.")
    campaign = await campaigns.hold(tx, found[0].campaign_id)
    assert campaign is not None, "a relay belongs to a campaign"
    [relay] = await relays.take(tx, center_id, [relay_id])
    return campaign, relay


def _may(campaign: Campaign, relay: Settled, states: Sequence[State]) -> None:
    if campaign.state not in {CampaignState.RUNNING, CampaignState.PAUSED}:
        raise Conflict("wrong_state", f"The campaign is {campaign.state.value}; nothing is to be done in it.")
    if relay.state not in states or (relay.route is not Route.LEADER and relay.state is not State.PLANNED):
        raise Conflict("wrong_state", f"This relay is {relay.state.value}; that cannot be done to it now.")


async def _noted(tx: Tx, caller: Caller, verb: str, relay_id: str, **detail: str) -> None:
    await audit.note(tx, caller.center_id, actor=caller.actor, action=f"relay.{verb}", subject=relay_id, **detail)
