"""What an account may be: which secrets its platform wants, and which limits it may set itself."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from app.core.errors import FieldError
from app.core.ids import derive
from app.core.limits import Limit, Period, Quota, Scope

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
    """A limit an operator set for one account, for a window of `per_seconds` or for a calendar `period`. With
    `higher_quota` it stands in for the published limit of the same scope and window (the platform granted more);
    without, it can only slow the account down."""

    scope: Scope
    count: int
    per_seconds: float | None = None
    higher_quota: bool = False
    period: Period | None = None

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> "OwnLimit":
        """From what `stored` gave."""
        period = Period(entry["period"]) if entry.get("period") else None
        return cls(**{**entry, "scope": Scope(entry["scope"]), "period": period})

    def stored(self) -> dict[str, Any]:
        return {
            name: value.value if isinstance(value, Scope | Period) else value
            for name, value in self.__dict__.items()
            if value is not None
        }

    def rule(self) -> Limit | Quota:
        if self.period is not None:
            return Quota(self.scope, self.count, self.period)
        return Limit(self.scope, self.count, self.per_seconds or 1.0)

    def replaces(self, published: Limit | Quota) -> bool:
        if not self.higher_quota or self.scope is not published.scope:
            return False
        return self.period is published.period if isinstance(published, Quota) else self.per_seconds == published.per_s


def hint(secret: Mapping[str, str]) -> str:
    """What may be shown of a secret: `…` and its last four characters, fewer of a short one; with the field's name
    where there are several."""
    ends = {name: f"…{value[-_SHOWN:] if len(value) >= 4 * _SHOWN else ''}" for name, value in secret.items()}
    return next(iter(ends.values())) if len(ends) == 1 else ", ".join(f"{name} {end}" for name, end in ends.items())


def way(ways: Iterable[Platform], secret: Mapping[str, str]) -> Platform:
    """The way into a platform that these secrets are meant for: of several, the one that knows most of them, and misses
    least."""
    return max(
        ways, key=lambda way: (len(secret.keys() & {*known_secrets(way)}), -len({*way.account_secret} - {*secret}))
    )


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


def limit_problems(published: Iterable[Limit | Quota], own: Sequence[OwnLimit]) -> list[FieldError]:
    """Own limits that would loosen what the platform publishes without the word `higher_quota`."""
    known = tuple(published)
    found = ((index, _limit_problem(known, limit)) for index, limit in enumerate(own))
    return [FieldError(f"/limits/{index}/count", sentence) for index, sentence in found if sentence]


def _limit_problem(published: tuple[Limit | Quota, ...], own: OwnLimit) -> str | None:
    same_scope = [limit for limit in published if limit.scope is own.scope]
    if own.higher_quota:
        if any(own.replaces(limit) for limit in same_scope):
            return None
        windows = ", ".join(map(str, same_scope)) or "none is published for this scope"
        return f"A higher quota takes the place of a published limit with the same window: {windows}."
    for limit in same_scope:
        if _loosens(own, limit):
            return f"The platform publishes {limit}; only an account with `higher_quota` may have more."
    return None


def _loosens(own: OwnLimit, published: Limit | Quota) -> bool:
    if isinstance(published, Quota):
        return own.period is published.period and own.count > published.count
    if own.per_seconds is None:
        return False  # windows hold beside it, whatever a day or a month may have
    return own.count > published.count * math.ceil(own.per_seconds / published.per_s)


def of_its_own(own: Sequence[OwnLimit]) -> tuple[Limit, ...]:
    """The windows an account set for itself, granted ones among them."""
    return tuple(rule for each in own if isinstance(rule := each.rule(), Limit))


def shared(published: Iterable[Limit], members: Sequence[Sequence[OwnLimit]]) -> tuple[Limit, ...]:
    """The published limits that hold for accounts that share them: what not all of these replace. One of them alone
    cannot say that the platform granted all of them more."""
    return tuple(
        limit
        for limit in published
        if not (members and all(any(each.replaces(limit) for each in own) for own in members))
    )


def quotas(published: Iterable[Quota], own: Sequence[OwnLimit]) -> tuple[Quota, ...]:
    """The quotas of an account: the published ones, save those a higher quota replaces, and its own."""
    kept = (quota for quota in published if not any(each.replaces(quota) for each in own))
    return (*kept, *(rule for each in own if isinstance(rule := each.rule(), Quota)))


def pace_key(channel: str, base_url: str | None, names: Sequence[str] | None, secret: Mapping[str, str]) -> str | None:
    """What accounts have in common that are one sender to their platform; None for an account that is by itself.
    `names` are the secrets that name the sender; the key gives none of them away."""
    if names is None or any(not secret.get(name) for name in names):
        return None
    return derive("pck", channel, base_url or "", *(secret[name] for name in names))
