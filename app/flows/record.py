"""Write it down: what platforms answered, many at a time, in one transaction."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from app.channels.port import Verdict
from app.core import ids
from app.core.db import Tx
from app.domain.campaigns import store as campaigns
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.rules import AHEAD
from app.domain.deliveries.states import State
from app.domain.directory import store as directory
from app.domain.directory.states import Health
from app.domain.relays import store as relays
from app.domain.relays.states import Evidence, Via
from app.domain.relays.states import News as RelayNews
from app.domain.relays.states import State as RelayState
from app.domain.tasks import store as tasks
from app.flows.heed import heed
from app.flows.kit import Kit
from app.flows.outcomes import NOT_CALLED, Heard, relay_news, relay_reason, result
from app.flows.taken_back import tell_recalls

NOT_LET_IN = "the platform did not let the account post in this group"
NO_MORE = "the platform says this address is no more: it is not called until it is given anew"


async def record(kit: Kit, heard: Sequence[Heard]) -> None:
    """`write_down` in a transaction of its own."""
    async with kit.db.write() as tx:
        await write_down(tx, heard)


async def write_down(tx: Tx, heard: Sequence[Heard]) -> None:
    """Deliveries and relays move, attempts are kept, the scopes a platform named are closed. Safe to run twice."""
    if not heard:
        return
    await _may_come_back(tx, heard)
    applied = await deliveries.finish(tx, [result(one, tx.now) for one in heard])
    await deliveries.witness(tx, [_attempt(one, stale=one.claimed.id not in applied.states) for one in heard])
    for one in heard:
        await _heed(tx, one)
        if one.outcome.left_out:
            await tasks.leave_out(tx, one.claimed.id, one.outcome.left_out)
    await _tell_health(tx, heard)
    await _tell_relays(tx, heard, applied)
    await tell_recalls(tx, heard, applied)


async def _may_come_back(tx: Tx, heard: Sequence[Heard]) -> None:
    """An answer that comes when its lease is over may settle what was uncertain, and let something wait again."""
    late = {one.claimed.campaign_id for one in heard if one.claimed.lease_until <= tx.now + AHEAD}
    for campaign_id in sorted(late):
        await campaigns.clear_again(tx, campaign_id)


async def _heed(tx: Tx, heard: Heard) -> None:
    """Act on what an answer says about more than its own delivery."""
    claimed, outcome = heard.claimed, heard.outcome
    await heed(tx, outcome, claimed.account_id, asked_at=claimed.claimed_at, chat=claimed.chat)
    if outcome.verdict is Verdict.MOVED and outcome.moved_to and claimed.group_id:
        await directory.move_address(tx, claimed.group_id, outcome.moved_to)


async def _tell_health(tx: Tx, heard: Sequence[Heard]) -> None:
    """A post that a group's platform refused for good, or took after all, tells of the group what a callback would."""
    posts = [one for one in heard if one.claimed.group_id and one.claimed.of_id is None]
    for one in sorted(posts, key=lambda each: (str(each.claimed.group_id), each.started_at)):
        group_id, verdict, since = str(one.claimed.group_id), one.outcome.verdict, one.started_at
        if one.outcome.for_good:
            reason = f"{NO_MORE} ({one.outcome.code})"
            await directory.tell_health(tx, group_id, Health.CLOSED, reason=reason, since=since)
        elif verdict is Verdict.TARGET_GONE and one.outcome != NOT_CALLED:
            reason = f"{NOT_LET_IN} ({one.outcome.code})"
            await directory.tell_health(tx, group_id, Health.GONE, reason=reason, since=since)
        elif verdict is Verdict.SENT and one.was_gone:
            await directory.tell_health(tx, group_id, Health.SOUND, reason="", since=since)


async def _tell_relays(tx: Tx, heard: Sequence[Heard], applied: deliveries.Applied) -> None:
    """Move the relays these deliveries stand for, all with the same news and reason at once."""
    groups: defaultdict[tuple[RelayNews, str, bool, bool, bool], list[str]] = defaultdict(list)
    for one in heard:
        state = applied.states.get(one.claimed.id)
        if one.claimed.stands_for and state:
            verified, found = one.outcome.verdict is Verdict.SENT, one.claimed.id in applied.found
            news = RelayNews.FOUND_NOT_SENT if found and state is State.DUE else relay_news(state, one.claimed)
            key = (news, relay_reason(one, state), verified, found, one.claimed.part > 0)
            groups[key].append(one.claimed.stands_for)
    for (news, reason, verified, found, in_part), relay_ids in groups.items():
        values: dict[str, Any] = {}
        if news is RelayNews.POSTED:
            evidence = Evidence.PLATFORM_VERIFIED if verified else Evidence.SELF_REPORTED
            values = {"via": Via.BOT, "evidence": evidence, "relayed_at": tx.now}
        elif news is RelayNews.REFUSED and not in_part:
            values = {"next_step_at": tx.now}  # a leader may be asked instead: no part of it stands there yet
        only = None if found else RelayState.POSTING
        await relays.move(tx, relay_ids, news, actor="muster", reason=reason, only=only, **values)


def _attempt(heard: Heard, *, stale: bool) -> dict[str, Any]:
    return {
        "id": ids.after("att", heard.claimed.id, str(heard.claimed.fence), heard.outcome.code),
        "delivery_id": heard.claimed.id,
        "account_id": heard.claimed.account_id,
        "chat": heard.claimed.chat,
        "fence": heard.claimed.fence,
        "started_at": heard.started_at,
        "ended_at": heard.ended_at,
        "outcome": heard.outcome.verdict.value,
        "code": heard.outcome.code,
        "detail": heard.outcome.detail,
        "stale": stale,
    }
