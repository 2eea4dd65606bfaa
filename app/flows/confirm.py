"""A leader's word through a relay link. The ledger moves once, however often it is said; every word is kept.

Words of one campaign that come together are recorded in one transaction, and answered when it is committed."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial

from app.core import audit
from app.core.db import Tx
from app.core.errors import AppError
from app.core.images import Image
from app.core.journal import Move, Subject, append
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import Proof
from app.domain.campaigns.states import State as Control
from app.domain.directory import store as directory
from app.domain.links import service as links
from app.domain.links.rules import Key, Opened
from app.domain.pictures import service as pictures
from app.domain.relays import store as relays
from app.domain.relays.states import State
from app.flows.hear import HANDED_OVER, Action, Answer, Saying, Speaker, Word, hear
from app.flows.kit import Kit
from app.flows.meant import Meant, Said, meant

HURRY_MS = 500
"""How long many words wait together for a row that somebody else holds. After it each waits alone."""

AFTERWARDS = "showed a picture afterwards"

Told = list[Answer] | AppError | None


async def confirm(
    kit: Kit,
    key: Key,
    relay_id: str,
    *,
    action: Action,
    reason: str = "",
    proof: str = "",
    picture: Image | None = None,
) -> Answer | None:
    """Record what the holder of this key says about one relay. `reason` goes with "cannot", `proof` and `picture` with
    "done"; "hand_over" is a "cannot" by somebody who would rather have the next in line do it.

    None: the link is unknown or over, or the relay is not this leader's. Raises Gone when the campaign was called
    off and Conflict when there is nothing for a leader to confirm; the word itself is kept even then."""
    opened = await _open(kit, key)
    if opened is None:
        return None
    shown = picture if action == "done" else None
    picture_id = pictures.id_of(opened.center_id, shown) if shown else None
    word = Word(action, _reason(action, reason), proof if action == "done" else "", picture_id)
    answers = await _say(kit, Said(opened, word, relay_id, picture=shown))
    return answers[0] if answers else None


def _reason(action: Action, reason: str) -> str:
    if action == "hand_over":
        return HANDED_OVER
    return (reason or "other") if action == "cannot" else ""


async def confirm_all(kit: Kit, key: Key, *, only: Collection[str] | None = None) -> list[Answer] | None:
    """Every group that still waits for this leader is done; with `only`, those of them the leader was looking at.
    Where a proof is asked for, each group needs its own word.

    Answers every relay this leader was asked for. None and Gone as in `confirm`."""
    opened = await _open(kit, key)
    if opened is None:
        return None
    return await _say(kit, Said(opened, Word("done"), None, None if only is None else frozenset(only)))


async def _say(kit: Kit, said: Said) -> list[Answer] | None:
    record = partial(_record, kit, said.by.campaign_id)
    if said.picture:  # megabytes: nobody else's word waits for them
        [told] = await record([said])
    else:
        told = await kit.gather.ask(("words", said.by.campaign_id), said, record)
    if isinstance(told, AppError):
        raise told
    return told


async def _open(kit: Kit, key: Key) -> Opened | None:
    return await kit.gather.ask("keys", key, partial(_look, kit))


async def _look(kit: Kit, keys: Sequence[Key]) -> list[Opened | None]:
    """What these keys open: found out by reading, so that noise never takes the writer's place."""
    async with kit.db.read(brief=True, loose=True) as tx:
        opened = await links.open_keys(tx, set(keys))
    return [opened.get(key) for key in keys]


async def _record(kit: Kit, campaign_id: str, words: Sequence[Said]) -> list[Told]:
    """Keep these words, and answer each in its place. Of words about one relay each finds what the one before left."""
    told: dict[int, Told] = {}
    async with kit.db.write(brief=all(said.relay_id and not said.picture for said in words)) as tx:
        if len(words) > 1:
            await tx.hurry(HURRY_MS)
        speakers = await _speakers(tx, campaign_id, {said.by for said in words})
        while len(told) < len(words):
            waiting = {number: said for number, said in enumerate(words) if number not in told}
            told |= await _turn(tx, campaign_id, speakers, waiting)
            await tx.finish()  # the next turn reads what this one has kept
    return [told[number] for number in range(len(words))]


async def _turn(
    tx: Tx, campaign_id: str, speakers: Mapping[Opened, Speaker], words: Mapping[int, Said]
) -> dict[int, Told]:
    """Hear of these words, the first first, as many as have no two about one relay; answers those."""
    speaking = {number: speakers[said.by] for number, said in words.items() if said.by in speakers}
    told: dict[int, Told] = {number: None for number in words if number not in speaking}
    named = [words[number].relay_id or "" for number in speaking]
    everything = {speaker.leader_id for number, speaker in speaking.items() if words[number].relay_id is None}
    held = await relays.take_of(tx, campaign_id, named, sorted(everything))
    had = await relays.holdings(tx, list(held))
    proving = [number for number, who in speaking.items() if who.proof is Proof.CODE or words[number].picture]
    shown = await relays.shown(tx, [words[number].relay_id or "" for number in proving])
    heard: dict[int, Meant] = {}
    taken: set[str] = set()
    for number, speaker in speaking.items():
        this = meant(speaker, words[number], held, had, shown)
        about = {one.relay.id for one in this.sayings}
        if not about & taken:
            heard[number] = this
        taken |= about
    await _keep_pictures(tx, [(words[number].picture, this) for number, this in heard.items()])
    answers = await hear(tx, campaign_id, [one for this in heard.values() for one in this.sayings], had)
    now = {answer.id: answer for answer in answers}
    return told | {number: this.told(now) for number, this in heard.items()}


async def _keep_pictures(tx: Tx, heard: Collection[tuple[Image | None, Meant]]) -> None:
    """Keep what is shown with those words that still name it. One of a group that is done already moves nothing, and
    the group's story tells of it."""
    for picture, this in heard:
        for one in this.sayings:
            if picture and one.word.picture_id:
                await pictures.keep(tx, one.speaker.center_id, picture, actor=one.speaker.actor)
                if one.relay.state is State.RELAYED:
                    await _tell(tx, one)


async def _tell(tx: Tx, one: Saying) -> None:
    where, actor = one.relay.id, one.speaker.actor
    stands = one.relay.state.value
    await append(tx, [Move(one.speaker.campaign_id, where, Subject.RELAY, where, stands, stands, actor, AFTERWARDS)])
    await audit.note(tx, one.speaker.center_id, actor=actor, action="relay.picture", subject=where)


async def _speakers(tx: Tx, campaign_id: str, opened: Collection[Opened]) -> dict[Opened, Speaker]:
    """Who speaks through what was opened, all of it of this campaign; what is closed by now is left out."""
    still = await links.still_open(tx, opened)
    names = await directory.names(tx, [one.leader_id for one in still])
    campaign = await campaigns.asks(tx, campaign_id)
    over = campaign is None or campaign.state is Control.CANCELLED
    asks = (campaign.seed, campaign.proof_percent, campaign.proof) if campaign else ("", 0, Proof.WORDS)

    def speaker(link: Opened) -> Speaker:
        actor = f"leader:{names.get(link.leader_id, link.leader_id)}"
        return Speaker(link.center_id, link.campaign_id, link.leader_id, link.id, actor, over, *asks)

    return {one: speaker(one) for one in still}
