"""Hear: what people's words do to the relays they were said about, and to whoever else is on them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

from app.core import audit, ids
from app.core.db import Tx
from app.core.errors import AppError, Conflict, Gone
from app.core.jobs import WAKE
from app.domain.campaigns.rules import asks_proof
from app.domain.campaigns.states import Proof
from app.domain.recalls import store as recalls
from app.domain.relays import store as relays
from app.domain.relays.states import GIVEN_UP, MOVES, VIA, Evidence, News, Part, Route, State
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
    picture_id: str | None = None


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


Holdings = Mapping[tuple[str, str], relays.Held]


@dataclass(frozen=True)
class Saying:
    """One person's word about one relay. It moves nothing where it `may_move` nothing, and is kept all the same."""

    speaker: Speaker
    relay: Held
    word: Word
    may_move: bool = True


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


async def hear(tx: Tx, campaign_id: str, sayings: Sequence[Saying], had: Holdings) -> list[Answer]:
    """Tell the ledger where its table of moves allows it, and keep every word; answers each in its place. All are
    about relays of this campaign, which are locked, and no two about the same one; `had` is how they were passed on."""
    alike: defaultdict[tuple[Word, bool, Part], list[Saying]] = defaultdict(list)
    for one in sayings:
        if one.may_move:
            held = had.get((one.relay.id, one.speaker.leader_id))
            part = held.part if held else Part.PRIMARY
            alike[_kind(one.word), _late(tx, one.relay), part].append(one)
    moved: dict[str, bool] = {}
    for (word, late, part), some in alike.items():
        moved |= dict.fromkeys(await _move(tx, word, some, late=late, part=part), late and word.action == "done")
    _keep(tx, sayings, moved)
    await _others(tx, campaign_id, [one for one in sayings if one.relay.id in moved])
    return [
        Answer(one.relay.id, MOVES.after(_NEWS[one.word.action]), moved[one.relay.id], changed=True)
        if one.relay.id in moved
        else Answer(one.relay.id, one.relay.state, one.relay.late, changed=False)
        for one in sayings
    ]


def _kind(word: Word) -> Word:
    """The same for all words that do the same to the ledger."""
    return replace(word, proof="given", picture_id=None) if word.proof or word.picture_id else word


async def _move(tx: Tx, word: Word, some: Sequence[Saying], *, late: bool, part: Part) -> list[str]:
    actors = {one.relay.id: one.speaker.actor for one in some}
    values = _values(tx, word, late=late, part=part) | {"standing": {one.relay.id: one.relay.state for one in some}}
    return await relays.move(tx, list(actors), _NEWS[word.action], actor=actors, reason=word.reason, **values)


async def _others(tx: Tx, campaign_id: str, moved: Sequence[Saying]) -> None:
    """Whoever else is on what is done now hears of it, person or account; nobody is reminded of what he has done."""
    done = [(one.relay, one.speaker.leader_id) for one in moved if one.word.action == "done"]
    if done:
        await stand_down(tx, campaign_id, done)
        await recalls.stand(tx, [relay.id for relay, _ in done if relay.state in GIVEN_UP])
    if any(_NEWS[one.word.action] is News.DECLINED for one in moved):
        tx.then(WAKE, "declined")


def _late(tx: Tx, relay: Held) -> bool:
    return relay.state is State.MISSED or bool(relay.deadline_at <= tx.now)


def _values(tx: Tx, word: Word, *, late: bool, part: Part) -> dict[str, Any]:
    """What else the ledger row holds after this word. After a "cannot" the policy acts at once."""
    if word.action == "acknowledge":
        return {}
    if word.action in {"cannot", "hand_over"}:
        return {"next_step_at": tx.now}
    return {
        "via": VIA[part],
        "evidence": Evidence.PROOF if word.proof else Evidence.SELF_REPORTED,
        "late": late,
        "relayed_at": tx.now,
        "next_step_at": None,
        "route": Route.LEADER,
    }


def _keep(tx: Tx, sayings: Sequence[Saying], moved: Collection[str]) -> None:
    rows = [
        {
            "id": number,
            "relay_id": one.relay.id,
            "leader_id": one.speaker.leader_id,
            "link_id": one.speaker.link_id,
            **one.word.__dict__,
            "moved": one.relay.id in moved,
            "at": tx.now,
        }
        for number, one in zip(ids.many("cnf", len(sayings)), sayings, strict=True)
    ]
    relays.confirm(tx, rows)
    deeds = [
        audit.Deed(one.speaker.center_id, one.speaker.actor, f"relay.{one.word.action}", one.relay.id)
        for one in sayings
        if one.relay.id in moved
    ]
    audit.note_at_end(tx, deeds)
