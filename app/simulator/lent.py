"""Tokens the practice platforms lend to apps: good for two hours of the platform's clock, then for nothing."""

from dataclasses import dataclass
from itertools import count

LIVES_S = 7200.0


@dataclass(frozen=True)
class _Token:
    account: str
    until: float


class Lent:
    """The tokens of one platform. A new one is lent once the old one has less than `renew_s` seconds to live; until
    it ends, both are good."""

    def __init__(self, prefix: str, *, renew_s: float) -> None:
        self._prefix = prefix
        self._renew_s = renew_s
        self._numbers = count(1)
        self._tokens: dict[str, _Token] = {}
        self._newest: dict[str, str] = {}

    def lend(self, account: str, *, now: float) -> tuple[str, int]:
        """A token for the account, and for how many seconds it is good."""
        newest = self._newest.get(account, "")
        held = self._tokens.get(newest)
        if held is None or held.until - now < self._renew_s:
            newest = f"{self._prefix}practice{next(self._numbers):020d}"
            held = self._tokens[newest] = _Token(account, now + LIVES_S)
            self._newest[account] = newest
        return newest, int(held.until - now)

    def knows(self, token: str) -> bool:
        return token in self._tokens

    def holder(self, token: str, *, now: float) -> str | None:
        """Whose token this is, or None for one that has ended or never was."""
        held = self._tokens.get(token)
        return held.account if held is not None and now < held.until else None
