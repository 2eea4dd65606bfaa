"""Limits: what each platform publishes, where it stands, how sure it is, and what Muster does about it."""

from fastapi import APIRouter

from app.api.deps import Reader
from app.api.shapes import Shape
from app.channels import published
from app.core.limits import Quota, Scope

router = APIRouter(prefix="/limits", tags=["limits"])


class PublishedLimit(Shape):
    """At most `count` sends in any `per_seconds`, or in each calendar `period` (`a_day`: for each of its days),
    counted per `scope`; in the platform's words, `per`. `shape` is `burst` (all at once, then a wait) or `smooth`
    (evenly; `count` is what a full bucket holds). `trust` is `documented`, `observed` or `guessed`. `kept` is `paced`
    (the pacer keeps it), `counted` (from the ledger) or `told` (set it on the account where it binds you)."""

    channel: str
    scope: Scope
    count: int
    per_seconds: float | None
    period: str | None
    a_day: bool
    per: str
    shape: published.Shape
    penalty: str
    source: str
    trust: published.Trust
    kept: published.Kept


class AvoidedMinutes(Shape):
    """The platform asks to send nothing from so many seconds before :00 and :30 to so many after. Incidents pass."""

    channel: str
    before_s: float
    after_s: float
    source: str
    trust: published.Trust


class SharedLimits(Shape):
    """Accounts of this channel that agree in these secrets are one sender to the platform and share its limits;
    without any secret all of them do, because it counts for our address."""

    channel: str
    secrets: list[str]


class Limits(Shape):
    limits: list[PublishedLimit]
    avoided: list[AvoidedMinutes]
    shared: list[SharedLimits]


@router.get("")
async def all_limits(_caller: Reader) -> Limits:
    """The table the adapters, the pacer and the forecast read."""
    return Limits(
        limits=[_line(one) for one in published.TABLE],
        avoided=[
            AvoidedMinutes(
                channel=one.channel,
                before_s=one.rush.before_s,
                after_s=one.rush.after_s,
                source=one.source,
                trust=one.trust,
            )
            for one in published.ADVICE
        ],
        shared=[SharedLimits(channel=name, secrets=[*secrets]) for name, secrets in published.SHARED.items()],
    )


def _line(one: published.Published) -> PublishedLimit:
    quota = one.limit if isinstance(one.limit, Quota) else None
    return PublishedLimit(
        channel=one.channel,
        scope=one.limit.scope,
        count=one.limit.count,
        per_seconds=None if isinstance(one.limit, Quota) else one.limit.per_s,
        period=quota.period.value if quota else None,
        a_day=bool(quota and quota.a_day),
        per=one.per,
        shape=one.shape,
        penalty=one.penalty,
        source=one.source,
        trust=one.trust,
        kept=one.kept,
    )
