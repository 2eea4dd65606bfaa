"""One limit's memory.

A limit of N per window holds for what the platform sees, and it sees a send somewhere between our first byte and
its answer. So a send occupies its place from its beginning until a window after its *end*: whatever the network
does to the spacing, no window ever holds N + 1 arrivals. Two percent of slack covers the clocks.
"""

from collections import deque
from dataclasses import dataclass, field

from app.core.limits import Limit

SLACK = 1.02
NEVER = float("inf")


@dataclass
class Window:
    """One limit's memory: sends under way, and when the last `count` of them ended, in the order of time."""

    limit: Limit
    under_way: int = 0
    ends: deque[float] = field(default_factory=deque)

    def free_at(self) -> float:
        """When one more may begin; NEVER while only the end of one under way can tell."""
        left = self.limit.count - self.under_way
        if left <= 0:
            return NEVER
        if len(self.ends) < left:
            return 0.0
        return self.ends[-left] + self.limit.per_s * SLACK

    def begin(self) -> None:
        self.under_way += 1

    def undo(self) -> None:
        self.under_way -= 1

    def end(self, at: float) -> None:
        """One under way ended then. Its news may be older than what stands here already: a predecessor's post is
        heard of late, and a clock may be set back."""
        self.under_way -= 1
        self.ends.append(at)
        if len(self.ends) > 1 and at < self.ends[-2]:
            self.ends = deque(sorted(self.ends))
        if len(self.ends) > self.limit.count:
            self.ends.popleft()

    def empty_at(self) -> float:
        """From when on it remembers nothing that counts."""
        if self.under_way:
            return NEVER
        return self.ends[-1] + self.limit.per_s * SLACK if self.ends else 0.0
