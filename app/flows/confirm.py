"""A leader's word through a relay link. The ledger moves once, however often it is said; every word is kept."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from app.core import audit, ids
from app.core.db import Tx
from app.core.errors import AppError, Conflict, Gone
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import State as Control
from app.domain.directory import store as directory
from app.domain.links import service as links
from app.domain.relays import store as relays
from app.domain.relays.states import MOVES, Evidence, News, Route, State, Via
from app.flows.kit import Kit

Action = Literal["acknowledge", "done", "cannot"]

_NEWS: dict[Action, News] = {"acknowledge": News.ACKNOWLEDGED, "done": News.CONFIRMED, "cannot": News.DECLINED}
_WAITING = (State.ASSIGNED, State.ACKNOWLEDGED, State.MISSED)
_NEVER_ASKED = (State.PLANNED, State.SKIPPED)


@dataclass(frozen=True)
class Answer:
    """How a relay stands after the word, and whether this word moved it."""

    id: str
    state: State
    late: bool
    changed: bool


@dataclass(frozen=True)
class _Word:
    action: Action
    reason: str = ""
    proof: str = ""


@dataclass(frozen=True)
class _Speaker:
    center_id: str
    campaign_id: str
    leader_id: str
    link_id: str
    actor: str
    called_off: bool


class _Held(Protocol):
    """What this flow reads of a relay."""

    id: str
    state: State
    route: Route | None
    late: bool
    deadline_at: Any


async def confirm(
    kit: Kit, token: str, relay_id: str, *, action: Action, reason: str = "", proof: str = ""
) -> Answer | None:
    """Record what the holder of this link says about one relay. `reason` goes with "cannot", `proof` with "done".

    None: the link is unknown or over, or the relay is not this leader's. Raises Gone when the campaign was called
    off and Conflict when there is nothing for a leader to confirm; the word itself is kept even then."""
    if await _stranger(kit, token):
        return None
    word = _Word(action, (reason or "other") if action == "cannot" else "", proof if action == "done" else "")
    async with kit.db.write() as tx:
        speaker = await _speaker(tx, token)
        if speaker is None:
            return None
        held = await relays.take_held_by(tx, speaker.campaign_id, speaker.leader_id, relay_id=relay_id)
        if not held:
            return None
        refused = _refusal(speaker, held[0])
        answers = await _hear(tx, speaker, held, word=word, may_move=refused is None)
    if refused:
        raise refused
    return answers[0]


async def confirm_all(kit: Kit, token: str, *, only: Collection[str] | None = None) -> list[Answer] | None:
    """Every group that still waits for this leader is done; with `only`, those of them the leader was looking at.

    Answers every relay this leader was asked for. None and Gone as in `confirm`."""
    if await _stranger(kit, token):
        return None
    async with kit.db.write() as tx:
        speaker = await _speaker(tx, token)
        if speaker is None:
            return None
        if speaker.called_off:
            raise _called_off()
        held = await relays.take_held_by(tx, speaker.campaign_id, speaker.leader_id)
        asked = [relay for relay in held if _refusal(speaker, relay) is None]
        meant = [relay for relay in asked if relay.state in _WAITING and (only is None or relay.id in only)]
        told = {answer.id: answer for answer in await _hear(tx, speaker, meant, word=_Word("done"), may_move=True)}
    return [told.get(relay.id) or Answer(relay.id, relay.state, relay.late, changed=False) for relay in asked]


async def _stranger(kit: Kit, token: str) -> bool:
    """Whether the token opens nothing: found out by reading, so that noise never takes the writer's place."""
    async with kit.db.read() as tx:
        return await links.open_link(tx, token) is None


async def _speaker(tx: Tx, token: str) -> _Speaker | None:
    link = await links.open_link(tx, token)
    if link is None:
        return None
    campaign = await campaigns.find(tx, link.center_id, link.campaign_id)
    people = await directory.people(tx, [link.leader_id])
    name = people[0].name if people else link.leader_id
    called_off = campaign is None or campaign.state is Control.CANCELLED
    return _Speaker(link.center_id, link.campaign_id, link.leader_id, link.id, f"leader:{name}", called_off)


def _refusal(speaker: _Speaker, relay: _Held) -> AppError | None:
    """Why a leader's word cannot move this relay, whatever the word is."""
    if speaker.called_off or relay.state is State.CANCELLED:
        return _called_off()
    if relay.route is not Route.LEADER:
        return Conflict(
            "posted_by_account", "An account posts to this group; there is nothing for a leader to confirm."
        )
    if relay.state in _NEVER_ASKED:
        return Conflict("not_yet", "This group has not been handed to you, so there is nothing to confirm yet.")
    return None


def _called_off() -> Gone:
    return Gone("campaign_cancelled", "This campaign was called off; nothing needs to be posted any more.")


async def _hear(tx: Tx, speaker: _Speaker, held: Sequence[_Held], *, word: _Word, may_move: bool) -> list[Answer]:
    """Tell the ledger where its table of moves allows it, and keep the word for every relay it was said about."""
    news = _NEWS[word.action]
    moved: dict[str, bool] = {}
    for late in (False, True):
        some = [relay.id for relay in held if may_move and _late(tx, relay) is late]
        values = _values(tx, word, late=late)
        won = await relays.move(tx, some, news, actor=speaker.actor, reason=word.reason, **values)
        moved.update(dict.fromkeys(won, late and news is News.CONFIRMED))
    for relay in held:
        await _keep(tx, speaker, relay.id, word, moved=relay.id in moved)
    return [
        Answer(relay.id, MOVES.after(news), moved[relay.id], changed=True)
        if relay.id in moved
        else Answer(relay.id, relay.state, relay.late, changed=False)
        for relay in held
    ]


def _late(tx: Tx, relay: _Held) -> bool:
    return relay.state is State.MISSED or bool(relay.deadline_at <= tx.now)


def _values(tx: Tx, word: _Word, *, late: bool) -> dict[str, Any]:
    """What else the ledger row holds after this word."""
    if word.action == "acknowledge":
        return {}
    if word.action == "cannot":
        return {"next_step_at": None}
    evidence = Evidence.PROOF if word.proof else Evidence.SELF_REPORTED
    return {"via": Via.LEADER, "evidence": evidence, "late": late, "relayed_at": tx.now, "next_step_at": None}


async def _keep(tx: Tx, speaker: _Speaker, relay_id: str, word: _Word, *, moved: bool) -> None:
    row = {"id": ids.new("cnf"), "relay_id": relay_id, "leader_id": speaker.leader_id, "link_id": speaker.link_id}
    await relays.confirm(tx, {**row, **word.__dict__, "moved": moved, "at": tx.now})
    if moved:
        action = f"relay.{word.action}"
        await audit.note(tx, speaker.center_id, actor=speaker.actor, action=action, subject=relay_id)
