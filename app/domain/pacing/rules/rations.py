"""What is left of a quota in its day or month: counted from the ledger, and used up one post at a time."""

from collections import Counter
from dataclasses import dataclass, field

from app.core.limits import Quota, Scope


@dataclass
class Ration:
    """A quota in the period that ends at `until`. `used` counts by chat, or under "" for the whole account."""

    quota: Quota
    count: int
    until: float
    used: Counter[str] = field(default_factory=Counter)

    def _of(self, chat: str) -> str:
        return chat if self.quota.scope is Scope.CHAT else ""

    def empty(self, chat: str) -> bool:
        """Whether nothing is left for this chat."""
        return self.used[self._of(chat)] >= self.count

    def take(self, chat: str, posts: int = 1) -> None:
        self.used[self._of(chat)] += posts

    @property
    def exhausted(self) -> list[str]:
        """The chats for which nothing is left; "" for the whole account."""
        return [chat for chat, used in self.used.items() if used >= self.count]

    def __str__(self) -> str:
        return f"its quota of {self.quota} is used up"
