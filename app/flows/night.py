"""Night: on whose clock a post keeps quiet hours, and until when it is put off. The drain asks here, and so do the
preflight and the board, which foresee what it will do."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from app.core.db import Tx
from app.domain.access import store as access
from app.domain.campaigns import store as campaigns
from app.domain.planning.rules import after_quiet


class Post(Protocol):
    """What the night has to know of a delivery that people in a group notice."""

    @property
    def id(self) -> str: ...
    @property
    def center_id(self) -> str: ...
    @property
    def campaign_id(self) -> str: ...
    @property
    def group_id(self) -> str | None: ...


@dataclass
class Night:
    """`zones`: the clock of each post by its id. What has none is never put off."""

    zones: dict[str, str] = field(default_factory=dict)

    def until(self, named: str, at: datetime) -> datetime:
        """Until when a post waits whose turn is at this moment."""
        zone = self.zones.get(named)
        return after_quiet(at, zone) if zone else at

    def put_off(self, named: str, at: float) -> float:
        """The same in seconds."""
        return self.until(named, datetime.fromtimestamp(at, UTC)).timestamp() if named in self.zones else at


async def night_over(tx: Tx, posts: Collection[Post], groups: Mapping[str, Any]) -> Night:
    """The clocks of these posts: their group's own, or else their center's. `groups` are the rows, by id."""
    centers = await access.zones(tx, list({one.center_id for one in posts}))
    found = {one.id: groups[str(one.group_id)].timezone or centers[one.center_id] for one in posts}
    return Night({named: zone for named, zone in found.items() if zone})


async def asleep(tx: Tx, posts: Sequence[Post], groups: Mapping[str, Any]) -> dict[str, datetime]:
    """Until when those of these posts wait that would wake a group now, by id: incidents wake whom they must."""
    night = await night_over(tx, posts, groups)
    late = [one for one in posts if night.until(one.id, tx.now) > tx.now]
    wakeful = await campaigns.wakeful(tx, sorted({one.campaign_id for one in late})) if late else set()
    return {one.id: night.until(one.id, tx.now) for one in late if one.campaign_id not in wakeful}
