"""What the practice platform received: one line per call, appended and never changed. It is the oracle."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Receipt:
    """One call. `at` is seconds of the simulator's clock, `accepted` means the text now stands in the chat, `answer`
    is the platform's word for it, `duplicate` a repeated key that was dropped, `violation` a limit that was broken,
    `picture` the SHA-256 of one that stands with the text, or alone."""

    seq: int
    at: float
    wall: str
    platform: str
    credential: str
    target: str
    key: str | None
    text: str
    sha256: str
    accepted: bool
    answer: str
    duplicate: bool
    violation: str | None
    picture: str = ""

    @property
    def stands(self) -> bool:
        """Whether the chat holds these words, from this call or an earlier one with the same key."""
        return self.accepted or self.duplicate


class Receipts:
    """The append-only log, and counts over it."""

    def __init__(self) -> None:
        self._log: list[Receipt] = []
        self._violations = 0
        self._accepted: dict[str, int] = {}

    def append(
        self,
        *,
        at: float,
        platform: str,
        credential: str,
        target: str,
        key: str | None,
        text: str,
        answer: str,
        accepted: bool,
        duplicate: bool = False,
        violation: str | None = None,
        picture: str = "",
    ) -> Receipt:
        receipt = Receipt(
            seq=len(self._log) + 1,
            at=round(at, 6),
            wall=datetime.now(UTC).isoformat(),
            platform=platform,
            credential=credential,
            target=target,
            key=key,
            text=text,
            sha256=hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest(),
            accepted=accepted,
            answer=answer,
            duplicate=duplicate,
            violation=violation,
            picture=picture,
        )
        self._log.append(receipt)
        self._violations += violation is not None
        if accepted:
            self._accepted[platform] = self._accepted.get(platform, 0) + 1
        return receipt

    def after(self, seq: int, *, limit: int) -> Sequence[Receipt]:
        return self._log[max(seq, 0) : max(seq, 0) + limit]

    def latest(self, count: int) -> Sequence[Receipt]:
        return self._log[-count:][::-1]

    def counts(self) -> dict[str, object]:
        return {
            "receipts": len(self._log),
            "accepted": sum(self._accepted.values()),
            "accepted_by_platform": dict(self._accepted),
            "duplicates": sum(receipt.duplicate for receipt in self._log),
            "violations": self._violations,
        }

    def violations(self) -> Sequence[dict[str, object]]:
        """The broken limits, the first hundred of them, without the texts."""
        broken = [receipt for receipt in self._log if receipt.violation][:100]
        return [{name: value for name, value in asdict(one).items() if name != "text"} for one in broken]
