"""A leader's word through a relay link. The ledger moves once, however often it is said; every word is kept."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from app.core.db import Tx
from app.core.errors import AppError
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import State as Control
from app.domain.directory import store as directory
from app.domain.links import service as links
from app.domain.links.rules import Key, Opened
from app.domain.relays import store as relays
from app.flows.hear import (
    HANDED_OVER,
    WAITING,
    Action,
    Answer,
    Held,
    Saying,
    Speaker,
    Word,
    called_off,
    hear,
    refusal,
    without_proof,
)
from app.flows.kit import Kit

HURRY_MS = 500
"""How long many words wait together for a row that somebody else holds. After it each waits alone."""


class Said(NamedTuple):
    """A word as it came in."""

    key: Key
    relay_id: str
    word: Word


async def confirm(
    kit: Kit, key: Key, relay_id: str, *, action: Action, reason: str = "", proof: str = ""
) -> Answer | None:
    """Record what the holder of this key says about one relay. `reason` goes with "cannot", `proof` with "done";
    "hand_over" is a "cannot" by somebody who would rather have the next in line do it.

    None: the link is unknown or over, or the relay is not this leader's. Raises Gone when the campaign was called
    off and Conflict when there is nothing for a leader to confirm; the word itself is kept even then.

    Words of one campaign that come together are recorded in one transaction, and answered when it is committed."""
    opened = await _open(kit, key)
    if opened is None:
        return None
    said = Said(key, relay_id, Word(action, _reason(action, reason), proof if action == "done" else ""))
    told = await kit.gather.ask(("words", opened.campaign_id), said, partial(_record, kit, opened.campaign_id))
    if isinstance(told, AppError):
        raise told
    return told


async def _record(kit: Kit, campaign_id: str, words: Sequence[Said]) -> list[Answer | AppError | None]:
    """Keep these words, and answer each in its place. Of words about one relay each finds what the one before left."""
    told: dict[int, Answer | AppError | None] = {}
    async with kit.db.write(brief=True) as tx:
        if len(words) > 1:
            await tx.hurry(HURRY_MS)
        speakers = await _speakers(tx, {said.key for said in words})
        for turn in _turns(words):
            told |= await _hear(tx, campaign_id, speakers, {number: words[number] for number in turn})
    return [told[number] for number in range(len(words))]


def _turns(words: Sequence[Said]) -> list[list[int]]:
    """The words' numbers in as few turns as have no two words about one relay, those about one relay in their order."""
    turns: list[list[int]] = []
    said: Counter[str] = Counter()
    for number, word in enumerate(words):
        place = said[word.relay_id]
        said[word.relay_id] += 1
        if place == len(turns):
            turns.append([])
        turns[place].append(number)
    return turns


async def _hear(
    tx: Tx, campaign_id: str, speakers: Mapping[Key, Speaker], words: Mapping[int, Said]
) -> dict[int, Answer | AppError | None]:
    held = await relays.take_named(tx, campaign_id, [said.relay_id for said in words.values()])
    had = await relays.holdings(tx, list(held))
    told: dict[int, Answer | AppError | None] = dict.fromkeys(words)
    sayings: dict[int, Saying] = {}
    for number, said in words.items():
        speaker, relay = speakers.get(said.key), held.get(said.relay_id)
        if speaker and relay and _his(speaker, relay, had):
            told[number] = refusal(speaker, relay) or without_proof(speaker, relay.id, said.word)
            sayings[number] = Saying(speaker, relay, said.word, may_move=told[number] is None)
    answers = await hear(tx, campaign_id, list(sayings.values()))
    return told | {number: told[number] or answer for number, answer in zip(sayings, answers, strict=True)}


def _his(speaker: Speaker, relay: Held, had: Mapping[tuple[str, str], relays.Held]) -> bool:
    """Whether this is something that he has or had to do."""
    holding = had.get((relay.id, speaker.leader_id))
    return relay.leader_id == speaker.leader_id or (holding is not None and not holding.withdrawn)


def _reason(action: Action, reason: str) -> str:
    if action == "hand_over":
        return HANDED_OVER
    return (reason or "other") if action == "cannot" else ""


async def confirm_all(kit: Kit, key: Key, *, only: Collection[str] | None = None) -> list[Answer] | None:
    """Every group that still waits for this leader is done; with `only`, those of them the leader was looking at.
    Where a proof is asked for, each group needs its own word.

    Answers every relay this leader was asked for. None and Gone as in `confirm`."""
    if await _open(kit, key) is None:
        return None
    async with kit.db.write(brief=True) as tx:
        speaker = (await _speakers(tx, [key])).get(key)
        if speaker is None:
            return None
        if speaker.called_off:
            raise called_off()
        held = await relays.take_held_by(tx, speaker.campaign_id, speaker.leader_id)
        asked = [relay for relay in held if refusal(speaker, relay) is None]
        meant = [relay for relay in asked if relay.state in WAITING and (only is None or relay.id in only)]
        meant = [relay for relay in meant if not speaker.wants_proof(relay.id)]
        sayings = [Saying(speaker, relay, Word("done")) for relay in meant]
        told = {answer.id: answer for answer in await hear(tx, speaker.campaign_id, sayings)}
    return [told.get(relay.id) or Answer(relay.id, relay.state, relay.late, changed=False) for relay in asked]


async def _open(kit: Kit, key: Key) -> Opened | None:
    """What the key opens: found out by reading, so that noise never takes the writer's place."""
    return await kit.gather.ask("keys", key, partial(_look, kit))


async def _look(kit: Kit, keys: Sequence[Key]) -> list[Opened | None]:
    async with kit.db.read(brief=True) as tx:
        opened = await links.open_keys(tx, set(keys))
    return [opened.get(key) for key in keys]


async def _speakers(tx: Tx, keys: Collection[Key]) -> dict[Key, Speaker]:
    """Whom these keys, all of one campaign, speak for; those that open nothing any more are left out."""
    opened = await links.open_keys(tx, keys)
    names = {
        person.id: person.name for person in await directory.people(tx, [one.leader_id for one in opened.values()])
    }
    one = next(iter(opened.values()), None)
    campaign = await campaigns.find(tx, one.center_id, one.campaign_id) if one else None
    over = campaign is None or campaign.state is Control.CANCELLED
    seed, percent = (campaign.seed, campaign.proof_percent) if campaign else ("", 0)

    def speaker(link: Opened) -> Speaker:
        actor = f"leader:{names.get(link.leader_id, link.leader_id)}"
        return Speaker(link.center_id, link.campaign_id, link.leader_id, link.id, actor, over, seed, percent)

    return {key: speaker(link) for key, link in opened.items()}
