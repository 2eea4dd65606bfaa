"""A leader's word through a relay link. The ledger moves once, however often it is said; every word is kept."""

from collections.abc import Collection

from app.core.db import Tx
from app.domain.campaigns import store as campaigns
from app.domain.campaigns.states import Proof
from app.domain.campaigns.states import State as Control
from app.domain.directory import store as directory
from app.domain.links import service as links
from app.domain.links.rules import Key
from app.domain.relays import store as relays
from app.flows.hear import HANDED_OVER, WAITING, Action, Answer, Speaker, Word, called_off, hear, refusal
from app.flows.kit import Kit
from app.flows.prove import weigh


async def confirm(
    kit: Kit, key: Key, relay_id: str, *, action: Action, reason: str = "", proof: str = ""
) -> Answer | None:
    """Record what the holder of this key says about one relay. `reason` goes with "cannot", `proof` with "done";
    "hand_over" is a "cannot" by somebody who would rather have the next in line do it.

    None: the link is unknown or over, or the relay is not this leader's. Raises Gone when the campaign was called
    off and Conflict when there is nothing for a leader to confirm; the word itself is kept even then."""
    if await _stranger(kit, key):
        return None
    word = Word(action, _reason(action, reason), proof if action == "done" else "")
    async with kit.db.write() as tx:
        speaker = await _speaker(tx, key)
        if speaker is None:
            return None
        held = await relays.take_held_by(tx, speaker.campaign_id, speaker.leader_id, relay_id=relay_id)
        if not held:
            return None
        word, lacking = await weigh(tx, speaker, held[0], word)
        refused = refusal(speaker, held[0]) or lacking
        answers = await hear(tx, speaker, held, word=word, may_move=refused is None)
    if refused:
        raise refused
    return answers[0]


def _reason(action: Action, reason: str) -> str:
    if action == "hand_over":
        return HANDED_OVER
    return (reason or "other") if action == "cannot" else ""


async def confirm_all(kit: Kit, key: Key, *, only: Collection[str] | None = None) -> list[Answer] | None:
    """Every group that still waits for this leader is done; with `only`, those of them the leader was looking at.
    Where a proof is asked for, each group needs its own word.

    Answers every relay this leader was asked for. None and Gone as in `confirm`."""
    if await _stranger(kit, key):
        return None
    async with kit.db.write() as tx:
        speaker = await _speaker(tx, key)
        if speaker is None:
            return None
        if speaker.called_off:
            raise called_off()
        held = await relays.take_held_by(tx, speaker.campaign_id, speaker.leader_id)
        asked = [relay for relay in held if refusal(speaker, relay) is None]
        meant = [relay for relay in asked if relay.state in WAITING and (only is None or relay.id in only)]
        meant = [relay for relay in meant if not speaker.wants_proof(relay.id)]
        told = {answer.id: answer for answer in await hear(tx, speaker, meant, word=Word("done"), may_move=True)}
    return [told.get(relay.id) or Answer(relay.id, relay.state, relay.late, changed=False) for relay in asked]


async def _stranger(kit: Kit, key: Key) -> bool:
    """Whether the key opens nothing: found out by reading, so that noise never takes the writer's place."""
    async with kit.db.read() as tx:
        return await links.open_key(tx, key) is None


async def _speaker(tx: Tx, key: Key) -> Speaker | None:
    link = await links.open_key(tx, key)
    if link is None:
        return None
    campaign = await campaigns.find(tx, link.center_id, link.campaign_id)
    people = await directory.people(tx, [link.leader_id])
    name = people[0].name if people else link.leader_id
    over = campaign is None or campaign.state is Control.CANCELLED
    asks = (campaign.seed, campaign.proof_percent, campaign.proof) if campaign else ("", 0, Proof.WORDS)
    return Speaker(link.center_id, link.campaign_id, link.leader_id, link.id, f"leader:{name}", over, *asks)
