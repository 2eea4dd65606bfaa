"""Hear: what one person's word does to the relays it was said about, and to whoever else is on them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from app.core import audit, ids
from app.core.db import Tx
from app.core.errors import AppError, Conflict, Gone
from app.core.jobs import WAKE
from app.domain.campaigns.rules import asks_proof
from app.domain.campaigns.states import Proof
from app.domain.relays import store as relays
from app.domain.relays.states import MOVES, VIA, Evidence, News, Part, Route, State
from app.flows.relief import Settled, stand_down

Action = Literal["acknowledge", "done", "cannot", "hand_over"]

_NEWS: dict[Action, News] = {
    "acknowledge": News.ACKNOWLEDGED,
    "done": News.CONFIRMED,
    "cannot": News.DECLINED,
    "hand_over": News.DECLINED,
}
WAITING = (State.ASSIGNED, State.ACKNOWLEDGED, State.MISSED)
HANDED_OVER = "handed_over"
_NEVER_ASKED = (State.PLANNED, State.SKIPPED)
_BEING_POSTED = (State.POSTING, State.UNCERTAIN, State.FAILED)


@dataclass(frozen=True)
class Answer:
    """How a relay stands after the word, and whether this word moved it."""

    id: str
    state: State
    late: bool
    changed: bool


@dataclass(frozen=True)
class Word:
    action: Action
    reason: str = ""
    proof: str = ""


@dataclass(frozen=True)
class Speaker:
    center_id: str
    campaign_id: str
    leader_id: str
    link_id: str
    actor: str
    called_off: bool
    seed: str = ""
    proof_percent: int = 0
    proof: Proof = Proof.WORDS

    def wants_proof(self, relay_id: str) -> bool:
        return asks_proof(self.seed, relay_id, self.proof_percent)


class Held(Settled, Protocol):
    """What this flow reads of a relay."""

    late: bool


def refusal(speaker: Speaker, relay: Held) -> AppError | None:
    """Why a leader's word cannot move this relay, whatever the word is. Where an account is to post it as the last
    resort, it can until the post begins."""
    if speaker.called_off or relay.state is State.CANCELLED:
        return called_off()
    asked = relay.assigned_at is not None
    stands_in = relay.route is Route.BOT and asked and relay.state not in _BEING_POSTED
    if relay.route is not Route.LEADER and not stands_in:
        return Conflict(
            "posted_by_account", "An account posts to this group; there is nothing for a leader to confirm."
        )
    if relay.state in _NEVER_ASKED and not stands_in:
        return Conflict("not_yet", "This group has not been handed to you, so there is nothing to confirm yet.")
    return None


def called_off() -> Gone:
    return Gone("campaign_cancelled", "This campaign was called off; nothing needs to be posted any more.")


async def hear(tx: Tx, speaker: Speaker, held: Sequence[Held], *, word: Word, may_move: bool) -> list[Answer]:
    """Tell the ledger where its table of moves allows it, and keep the word for every relay it was said about."""
    news = _NEWS[word.action]
    parts = await relays.holdings(tx, [relay.id for relay in held], speaker.leader_id)
    alike: defaultdict[tuple[bool, Part], list[str]] = defaultdict(list)
    for relay in held if may_move else ():
        alike[_late(tx, relay), parts.get(relay.id, Part.PRIMARY)].append(relay.id)
    moved: dict[str, bool] = {}
    for (late, part), some in alike.items():
        values = _values(tx, word, late=late, part=part)
        won = await relays.move(tx, some, news, actor=speaker.actor, reason=word.reason, **values)
        moved.update(dict.fromkeys(won, late and news is News.CONFIRMED))
    for relay in held:
        await _keep(tx, speaker, relay.id, word, moved=relay.id in moved)
    await _others(tx, speaker, [relay for relay in held if relay.id in moved], news)
    return [
        Answer(relay.id, MOVES.after(news), moved[relay.id], changed=True)
        if relay.id in moved
        else Answer(relay.id, relay.state, relay.late, changed=False)
        for relay in held
    ]


async def _others(tx: Tx, speaker: Speaker, moved: Sequence[Held], news: News) -> None:
    """Whoever else is on what is done now hears of it, person or account; nobody is reminded of what he has done."""
    if moved and news is News.CONFIRMED:
        await stand_down(tx, speaker.campaign_id, moved, by=speaker.leader_id)
    elif moved and news is News.DECLINED:
        tx.then(WAKE, "declined")


def _late(tx: Tx, relay: Held) -> bool:
    return relay.state is State.MISSED or bool(relay.deadline_at <= tx.now)


def _values(tx: Tx, word: Word, *, late: bool, part: Part) -> dict[str, Any]:
    """What else the ledger row holds after this word. After a "cannot" the policy acts at once."""
    if word.action == "acknowledge":
        return {}
    if word.action in {"cannot", "hand_over"}:
        return {"next_step_at": tx.now}
    evidence = Evidence.PROOF if word.proof else Evidence.SELF_REPORTED
    return {
        "via": VIA[part],
        "evidence": evidence,
        "late": late,
        "relayed_at": tx.now,
        "next_step_at": None,
        "route": Route.LEADER,
    }


async def _keep(tx: Tx, speaker: Speaker, relay_id: str, word: Word, *, moved: bool) -> None:
    row = {"id": ids.new("cnf"), "relay_id": relay_id, "leader_id": speaker.leader_id, "link_id": speaker.link_id}
    await relays.confirm(tx, {**row, **word.__dict__, "moved": moved, "at": tx.now})
    if moved:
        action = f"relay.{word.action}"
        await audit.note(tx, speaker.center_id, actor=speaker.actor, action=action, subject=relay_id)
