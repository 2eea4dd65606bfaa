"""Bugs on the way out: each function breaks one promise in this process, at the place where it is kept."""

import asyncio
import dataclasses
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select

from app.channels.adapters.webhook import Webhook
from app.channels.port import Outcome, Post, Verdict
from app.core import ids
from app.core.db import Tx
from app.core.journal import Move, Subject, append
from app.core.limits import Scope
from app.domain.accounts import store as accounts
from app.domain.deliveries import rules
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.rules import Claimed, Result
from app.domain.deliveries.states import News, State
from app.domain.deliveries.tables import Delivery, Lane
from app.domain.shards import store as shards
from app.domain.shards.rules import SHARDS
from app.flows import drain, leases, outcomes, send, speak, terms
from app.flows.outcomes import Heard
from tests.chaos.planting import swap

RESEND_S = 2.0


def posts_before_the_intent() -> None:
    """Says it while the claim is not yet committed."""
    said: dict[str, Heard] = {}
    say = send.say

    def early(take: Any) -> Any:
        async def take_and_say(kit: Any, tx: Any, worker_id: str, **what: Any) -> Any:
            taken = await take(kit, tx, worker_id, **what)
            for heard in await asyncio.gather(*(say(kit, one) for one in taken)):
                said[heard.claimed.id] = heard
            return taken

        return take_and_say

    async def said_already(_kit: Any, taken: Any) -> Heard:
        return said.pop(taken.claimed.id)

    swap(drain, "take", early)
    swap(speak, "say", lambda _: said_already)


def forgets_its_fences() -> None:
    """Every worker holds every shard and takes what another is sending."""

    async def all_of_them(_tx: Any, _worker: str, wanted: Sequence[int] = (), **_: Any) -> list[int]:
        return list(wanted or range(SHARDS))

    swap(shards, "renew", lambda _: all_of_them)
    swap(shards, "take", lambda _: all_of_them)
    swap(leases, "fair_share", lambda _: lambda _living: SHARDS)
    swap(deliveries, "claim", lambda _: _taking(State.DUE, State.SENDING))


def repeats_the_unknown() -> None:
    """A lost answer is said again, whether or not the platform knows a key."""
    swap(rules, "after_silence", lambda _: _again)


def repeats_what_the_dead_said() -> None:
    """A dead sender's delivery goes back to wait."""
    swap(rules, "after_silence", _for_the_dead)


def _for_the_dead(usual: Any) -> Any:
    def decide(claimed: Any, reason: str, now: Any, **what: Any) -> Any:
        return _again(claimed, reason, now) if "sender_died" in reason else usual(claimed, reason, now, **what)

    return decide


def _again(claimed: Any, reason: str, now: Any, **_: Any) -> Result:
    return Result(claimed.id, claimed.fence, News.NOT_SENT, reason, now + timedelta(seconds=RESEND_S))


def new_key_each_time() -> None:
    """A webhook's key is made anew for every try."""

    def anew(post: Any) -> Any:
        async def with_another_key(self: Webhook, said: Post, http: Any) -> Outcome:
            found: Outcome = await post(self, dataclasses.replace(said, key=ids.new("dlv")), http)
            return found

        return with_another_key

    swap(Webhook, "post", anew)


def key_never_used() -> None:
    """What is unknown is left at that, though the platform knows a key."""
    swap(rules, "after_silence", lambda usual: lambda *of, **_: usual(*of, keyed_s=None))


def gives_up_too_soon() -> None:
    """Some are not said at all, and told to have been refused."""
    swap(speak, "say", _some_end(Verdict.CONTENT_REFUSED))


def no_limiter() -> None:
    swap(terms, "shared", lambda _: lambda *_: ())


def limits_of_the_wrong_scope() -> None:
    """What an account may say in all is taken for what it may say in each chat."""

    def narrow(usual: Any) -> Any:
        return lambda *of: tuple(dataclasses.replace(limit, scope=Scope.CHAT) for limit in usual(*of))

    swap(terms, "shared", narrow)


def successor_without_memory() -> None:
    """Whoever takes an account over knows nothing of what it said before."""

    async def nothing(*_: Any) -> list[Any]:
        return []

    swap(deliveries, "recent", lambda _: nothing)
    swap(deliveries, "in_flight", lambda _: nothing)


def refusal_not_heeded() -> None:
    """A refused credential closes no gate."""

    async def shrug(*_: Any, **__: Any) -> bool:
        return False

    swap(accounts, "refuse", lambda _: shrug)


def _taking(*states: State) -> Any:
    """A claim that reads neither gates nor, but for these, states."""

    async def claim(tx: Tx, delivery_ids: Sequence[str]) -> list[Claimed]:
        taken = await tx.run(
            update(Delivery)
            .where(col(Delivery.id).in_(delivery_ids), col(Delivery.state).in_(states))
            .values(state=State.SENDING, fence=col(Delivery.fence) + 1, lease_until=tx.now + rules.LEASE, reason="")
            .returning(*(getattr(Delivery, name) for name in Claimed._fields))
        )
        claimed = [Claimed(**row._asdict()) for row in taken]
        lines = (
            Move(one.campaign_id, one.relay_id or one.id, Subject.DELIVERY, one.id, "due", "sending", "muster")
            for one in claimed
        )
        await append(tx, lines)
        return claimed

    return claim


def gates_are_not_read() -> None:
    async def every_lane(tx: Tx, held: Sequence[int], **_: Any) -> tuple[list[Lane], list[Lane]]:
        return await tx.all(select(Lane).where(col(Lane.shard).in_(held))), []

    swap(deliveries, "claim", lambda _: _taking(State.DUE))
    swap(deliveries, "lanes_with_work", lambda _: every_lane)


def sent_without_posting() -> None:
    """Some are told to have been sent and were not."""
    swap(speak, "say", _some_end(Verdict.SENT))


def _some_end(verdict: Verdict) -> Any:
    """Nothing is said for some, and this told of them."""

    def lazy(say: Any) -> Any:
        async def sometimes(kit: Any, taken: Any) -> Heard:
            if ids.share(taken.claimed.id) > 0.3:
                found: Heard = await say(kit, taken)
                return found
            now = kit.clock.now()
            return Heard(taken.claimed, Outcome(verdict), now, now, None)

        return sometimes

    return lazy


def _counts_as(meant: Verdict, verdict: Verdict) -> None:
    def otherwise(table: Mapping[Verdict, Any]) -> Mapping[Verdict, Any]:
        return {**table, verdict: table[meant]}

    swap(outcomes, "_DECIDE", otherwise)


def unknown_counts_as_sent() -> None:
    _counts_as(Verdict.SENT, Verdict.AMBIGUOUS)


def throttle_counts_as_sent() -> None:
    _counts_as(Verdict.SENT, Verdict.THROTTLED)


def throttle_counts_as_refused() -> None:
    _counts_as(Verdict.CONTENT_REFUSED, Verdict.THROTTLED)
