"""Prove: whether a leader's "done" is enough where a campaign asks for more than his word, and which of his pictures
are kept."""

from dataclasses import replace

from app.core.errors import AppError, Conflict, Invalid
from app.domain.campaigns.states import Proof
from app.domain.relays.rules import MOST_PICTURES, MOST_TRIES, SHOWN, WRONG, Shown, code_of, is_code
from app.domain.relays.states import State
from app.flows.hear import Held, Speaker, Word

HIS_WORD = f"{MOST_TRIES} wrong codes before: it is his word alone"


def weigh(speaker: Speaker, relay: Held, word: Word, before: Shown) -> tuple[Word, AppError | None]:
    """The word as it is kept, and why it is not enough. The relay is locked, so that nobody tries two codes as one;
    `before` is what was shown of it.

    After too many wrong codes his word alone counts, as no more than that: a group is not missed over a code."""
    if word.action != "done" or not speaker.wants_proof(relay.id):
        return replace(word, picture_id=None), None
    if speaker.proof is Proof.WORDS:
        if relay.state is State.RELAYED:
            return _again(speaker, word, before)
        return word, None if word.proof or word.picture_id else _needed(_WORDS)
    return _coded(speaker, relay, replace(word, picture_id=None), before.wrong)


def _again(speaker: Speaker, word: Word, before: Shown) -> tuple[Word, AppError | None]:
    """A word about a group that is done. Whoever said so may show a better picture of it, a few times."""
    if not word.picture_id or not before.better(speaker.leader_id, word.picture_id):
        return replace(word, picture_id=None), None
    return word, _enough() if before.full else None


def _coded(speaker: Speaker, relay: Held, word: Word, wrong: int) -> tuple[Word, AppError | None]:
    if relay.state is State.RELAYED:
        return replace(word, proof=""), None
    if wrong >= MOST_TRIES:
        return replace(word, proof="", reason=HIS_WORD), None
    if not word.proof:
        return word, _needed(_CODE)
    if is_code(word.proof, code_of(speaker.seed, relay.id)):
        return replace(word, proof=SHOWN), None
    return replace(word, proof=WRONG), Invalid.field("/proof", _NOT_THE_CODE, code="wrong_code")


_WORDS = "This group asks for a proof: a link to the message, a few words that stand beside it, or a picture of it."
_CODE = "This group asks for a proof: the code in the last line of the message, as it stands in the group."
_NOT_THE_CODE = (
    "This is not the code of this group. It stands in the last line of the message in the group; "
    f"after {MOST_TRIES} wrong codes ask your head."
)


def _enough() -> AppError:
    return Conflict("pictures_enough", f"{MOST_PICTURES} pictures of this group are kept; that is the most.")


def _needed(sentence: str) -> AppError:
    return Invalid.field("/proof", sentence, code="proof_needed")
