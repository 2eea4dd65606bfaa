"""Which limits bind an account: the platform's published ones, and its own."""

from collections.abc import Mapping, Sequence

from app.channels.port import Channel
from app.core.limits import Limit, Scope


def limits(channel: Channel, own: Sequence[Mapping[str, object]] | None) -> tuple[Limit, ...]:
    """An account's own limits stand beside the published ones, so that the lower binds; one marked
    `higher_quota` takes the place of the published ones of its scope."""
    mine = [(_read(entry), bool(entry.get("higher_quota"))) for entry in own or ()]
    raised = {limit.scope for limit, higher in mine if higher}
    return (*(limit for limit in channel.limits if limit.scope not in raised), *(limit for limit, _ in mine))


def _read(entry: Mapping[str, object]) -> Limit:
    return Limit(Scope(str(entry["scope"])), int(str(entry["count"])), float(str(entry["per_seconds"])))
