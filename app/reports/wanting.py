"""What a leader is asked for in a group besides his word, before it is done and after it."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from app.core.db import Tx
from app.domain.campaigns.rules import asks_proof
from app.domain.campaigns.states import Proof
from app.domain.relays import store as relays
from app.domain.relays.rules import MOST_TRIES, Shown, code_of
from app.domain.relays.states import State


class Asked(NamedTuple):
    """What a campaign asks for, and in which share of its groups."""

    seed: str
    percent: int
    proof: Proof


class Wanted(NamedTuple):
    """What is wanted in one group. `may_show`: of what he said is done, he may hand in a picture still, the newest of
    which was `shown_at`. `tries_spent`: so many wrong codes were told that his word alone counts."""

    wants_proof: bool
    code: str = ""
    tries_spent: bool = False
    may_show: bool = False
    shown_at: datetime | None = None


async def wanting(tx: Tx, asked: Asked, states: Mapping[str, State], *, leader_id: str) -> dict[str, Wanted]:
    """What this leader is asked for in those of these relays, given as they stand, that ask for anything."""
    ask = [one for one in sorted(states) if asks_proof(asked.seed, one, asked.percent)]
    if asked.proof is Proof.CODE:
        shown = await relays.shown(tx, ask)
        return {one: _coded(shown[one], code_of(asked.seed, one)) for one in ask}
    done = [one for one in ask if states[one] is State.RELAYED]
    shown = await relays.shown(tx, done)
    return {one: _pictured(shown[one], leader_id) for one in ask}


def _coded(before: Shown, code: str) -> Wanted:
    spent = before.wrong >= MOST_TRIES
    return Wanted(wants_proof=not spent, code=code, tries_spent=spent)


def _pictured(before: Shown, leader_id: str) -> Wanted:
    his = before.done == leader_id
    return Wanted(wants_proof=True, may_show=his and not before.full, shown_at=before.at if his else None)
