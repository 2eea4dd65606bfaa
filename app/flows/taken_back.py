"""Taken back, or not: what became of a recall, by the platform's answer, by the clock, or by a human who looked."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Protocol

from app.core.db import Tx
from app.domain.deliveries import store as deliveries
from app.domain.deliveries.states import State
from app.domain.deliveries.store import Applied
from app.domain.recalls import store as recalls
from app.domain.recalls.states import News
from app.flows.outcomes import Heard, said

TAKEN_BACK = "it does not stand any more"


class Settled(Protocol):
    """What this flow reads of a delivery."""

    relay_id: str | None


async def tell_recalls(tx: Tx, heard: Sequence[Heard], applied: Applied) -> None:
    """What these answers mean for the recalls among them. One without an answer stays begun: its delivery tells."""
    gone, left = [], defaultdict(list)
    for one in heard:
        state = applied.states.get(one.claimed.id)
        if not one.claimed.takes_back or one.claimed.relay_id is None:
            continue
        if state is State.SENT:
            gone.append(one.claimed.relay_id)
        elif state is State.FAILED:
            left[said(one.outcome)].append(one.claimed.relay_id)
    await _gone(tx, gone, actor="muster", reason=TAKEN_BACK)
    for reason, relay_ids in left.items():
        await not_taken_back(tx, relay_ids, reason)


async def settled(tx: Tx, delivery: Settled, *, gone: bool, actor: str, reason: str) -> None:
    """A human has looked whether the message is gone. One that is not is taken back once more."""
    if gone and delivery.relay_id:
        await _gone(tx, [delivery.relay_id], actor=actor, reason=reason)


async def not_taken_back(tx: Tx, relay_ids: Sequence[str], reason: str) -> None:
    await recalls.move(tx, relay_ids, News.REFUSED, actor="muster", reason=reason)


async def _gone(tx: Tx, relay_ids: Sequence[str], *, actor: str, reason: str) -> None:
    """A relay is taken back when all that was posted for it is."""
    if relay_ids:
        whole = sorted(set(relay_ids) - await deliveries.not_yet_taken_back(tx, relay_ids))
        await recalls.move(tx, whole, News.TAKEN_BACK, actor=actor, reason=reason, done_at=tx.now)
