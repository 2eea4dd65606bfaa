"""Picked: what leaves next, and what its pacer is told of it: that it leaves, and what was answered."""

from dataclasses import dataclass
from datetime import datetime

from app.channels.port import Verdict
from app.core.limits import Scope
from app.domain.pacing.rules import Pacer, Waiting
from app.flows.outcomes import Heard


@dataclass(frozen=True)
class Picked:
    """A delivery that may leave, with the very pacer that let it: a successor's knows nothing of it."""

    account_id: str
    pacer: Pacer
    waiting: Waiting
    slot: float = 0.0
    """The moment that its pacer allows it; it may be some milliseconds ahead."""
    shard: int = 0

    def leaves(self, at: datetime) -> None:
        self.pacer.leaves(self.waiting, at.timestamp())

    def rests(self, at: datetime) -> bool:
        """Whether its account was told to wait, or its secret refused, since it was picked."""
        return self.pacer.resting(at.timestamp())

    def stays(self) -> None:
        self.pacer.undo(self.waiting)

    def heed(self, heard: Heard) -> None:
        """What the pacer must know of the answer, before it is written down."""
        pacer, waiting, now, outcome = self.pacer, self.waiting, heard.ended_at.timestamp(), heard.outcome
        pacer.end(waiting, now)
        if outcome.verdict is Verdict.THROTTLED and outcome.scope is Scope.CHAT:
            pacer.shut(waiting.chat, now + (outcome.wait_s or 60.0))
        elif outcome.verdict is Verdict.THROTTLED:
            pacer.rest(now + (outcome.wait_s or 60.0))
        elif outcome.verdict is Verdict.CREDENTIAL_REFUSED:
            pacer.rest(now + 2.0)
