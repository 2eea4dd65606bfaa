"""What an account may be: which secrets its platform wants, and which limits it may set itself."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from app.core.errors import FieldError
from app.core.limits import Limit, Scope

_SHOWN = 4


class Platform(Protocol):
    """What accounts must know of a way into a platform."""

    @property
    def name(self) -> str: ...

    @property
    def platform(self) -> str: ...

    @property
    def account_secret(self) -> tuple[str, ...]: ...

    @property
    def limits(self) -> tuple[Limit, ...]: ...


@runtime_checkable
class TakesMore(Protocol):
    """A platform whose accounts may hold further secrets, e.g. one for all groups that bring none of their own."""

    @property
    def optional_secret(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class OwnLimit:
    """A limit an operator set for one account. With `higher_quota` it stands in for the published limit of the same
    scope and window (the platform granted more); without, it can only slow the account down."""

    scope: Scope
    count: int
    per_seconds: float
    higher_quota: bool = False

    def stored(self) -> dict[str, Any]:
        return {**self.__dict__, "scope": self.scope.value}

    def replaces(self, published: Limit) -> bool:
        return self.higher_quota and (self.scope, self.per_seconds) == (published.scope, published.per_s)


def hint(secret: Mapping[str, str]) -> str:
    """What may be shown of a secret: `…` and its last four characters, fewer of a short one; with the field's name
    where there are several."""
    ends = {name: f"…{value[-_SHOWN:] if len(value) >= 4 * _SHOWN else ''}" for name, value in secret.items()}
    return next(iter(ends.values())) if len(ends) == 1 else ", ".join(f"{name} {end}" for name, end in ends.items())


def way(ways: Iterable[Platform], secret: Mapping[str, str]) -> Platform:
    """The way into a platform that these secrets are meant for: of several, the one that knows most of them."""
    return max(ways, key=lambda way: len(secret.keys() & set(known_secrets(way))))


def known_secrets(way: Platform) -> tuple[str, ...]:
    """Every secret an account of this kind may hold, those it must have first."""
    return (*way.account_secret, *(way.optional_secret if isinstance(way, TakesMore) else ()))


def secret_problems(way: Platform, secret: Mapping[str, str]) -> list[FieldError]:
    """Missing and unexpected fields; never a word of their content."""
    known = known_secrets(way)
    missing = [name for name in way.account_secret if not secret.get(name)]
    unexpected = [name for name in secret if name not in known]
    wanted = ", ".join(known) or "none at all"
    return [FieldError(f"/secret/{name}", "This platform's accounts need this secret.") for name in missing] + [
        FieldError(f"/secret/{name}", f"This platform's accounts take no such secret; expected: {wanted}.")
        for name in unexpected
    ]


def limit_problems(published: Iterable[Limit], own: Sequence[OwnLimit]) -> list[FieldError]:
    """Own limits that would loosen what the platform publishes without the word `higher_quota`."""
    known = tuple(published)
    found = ((index, _limit_problem(known, limit)) for index, limit in enumerate(own))
    return [FieldError(f"/limits/{index}/count", sentence) for index, sentence in found if sentence]


def _limit_problem(published: tuple[Limit, ...], own: OwnLimit) -> str | None:
    same_scope = [limit for limit in published if limit.scope is own.scope]
    if own.higher_quota:
        if any(own.replaces(limit) for limit in same_scope):
            return None
        windows = ", ".join(map(str, same_scope)) or "none is published for this scope"
        return f"A higher quota takes the place of a published limit with the same window: {windows}."
    for limit in same_scope:
        if own.count > limit.count * math.ceil(own.per_seconds / limit.per_s):
            return f"The platform publishes {limit}; only an account with a higher quota may have more."
    return None


def in_force(published: Iterable[Limit], own: Sequence[OwnLimit]) -> tuple[Limit, ...]:
    """The limits an account is paced by: the published ones, save those a higher quota replaces, and its own."""
    kept = (limit for limit in published if not any(each.replaces(limit) for each in own))
    return (*kept, *(Limit(each.scope, each.count, each.per_seconds) for each in own))
