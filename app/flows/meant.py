"""Meant: which relays a leader's word is about, and whether it may move them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from app.core.errors import AppError
from app.core.images import Image
from app.domain.links.rules import Opened
from app.domain.relays.rules import Shown
from app.domain.relays.states import MOVES, News, State
from app.flows.hear import WAITING, Answer, Held, Holdings, Saying, Speaker, Word, called_off, refusal
from app.flows.prove import weigh


class Said(NamedTuple):
    """A word as it came in: about one relay, or about all that wait for the speaker; of these `only` some. `by` is what
    the speaker's key opened; `picture` what the word shows."""

    by: Opened
    word: Word
    relay_id: str | None
    only: frozenset[str] | None = None
    picture: Image | None = None


@dataclass
class Meant:
    """What a word is about: the relays it asks for, the sayings to be heard, and why they move nothing."""

    asked: list[Held] = field(default_factory=list)
    sayings: list[Saying] = field(default_factory=list)
    refused: AppError | None = None

    def told(self, answers: Mapping[str, Answer]) -> list[Answer] | AppError | None:
        """What the speaker hears: how every relay stands that he asked for."""
        mine = {one.relay.id for one in self.sayings}
        return self.refused or [
            answers[relay.id] if relay.id in mine else Answer(relay.id, relay.state, relay.late, changed=False)
            for relay in self.asked
        ]


def meant(speaker: Speaker, said: Said, held: Mapping[str, Held], had: Holdings, shown: Mapping[str, Shown]) -> Meant:
    """What this word is about, of the relays that are `held` for this transaction; `shown` is what was shown of them
    before."""
    if said.relay_id is None:
        return _everything(speaker, said, [relay for relay in held.values() if _his(speaker, relay, had)])
    relay = held.get(said.relay_id)
    if relay is None or not _his(speaker, relay, had):
        return Meant()
    word, lacking = weigh(speaker, relay, said.word, shown.get(relay.id, Shown()))
    refused = refusal(speaker, relay) or lacking
    if refused or relay.state not in (*MOVES.before(News.CONFIRMED), State.RELAYED):
        word = replace(word, picture_id=None)
    return Meant([relay], [Saying(speaker, relay, word, may_move=refused is None)], refused)


def _everything(speaker: Speaker, said: Said, his: list[Held]) -> Meant:
    if speaker.called_off:
        return Meant(refused=called_off())
    asked = [relay for relay in his if refusal(speaker, relay) is None]
    waiting = [relay for relay in asked if relay.state in WAITING and (said.only is None or relay.id in said.only)]
    return Meant(asked, [Saying(speaker, one, said.word) for one in waiting if not speaker.wants_proof(one.id)])


def _his(speaker: Speaker, relay: Held, had: Holdings) -> bool:
    """Whether this is something that he has or had to do."""
    holding = had.get((relay.id, speaker.leader_id))
    return relay.leader_id == speaker.leader_id or (holding is not None and not holding.withdrawn)
