"""What would become of what stands: where an account can change it, where it cannot, and where a person has to."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from app.channels.port import Channel, Edits, Recalls
from app.core.db import Tx
from app.domain.campaigns.states import State
from app.flows.brief import Campaign
from app.flows.concerned import concerned
from app.reports.afterwards import stands
from app.web.desk import Desk
from app.web.previews import platform_name


@dataclass(frozen=True)
class Prospect:
    """`able` and `unable` have each platform's name and how many groups it is; the rest are numbers of groups."""

    able: Sequence[tuple[str, int]]
    unable: Sequence[tuple[str, int]]
    by_hand: int
    unsure: int
    waiting: int
    without: int
    gone: int

    @property
    def able_groups(self) -> int:
        return sum(groups for _, groups in self.able)

    @property
    def unable_groups(self) -> int:
        return sum(groups for _, groups in self.unable)


async def to_recall(desk: Desk, tx: Tx, campaign_id: str) -> Prospect:
    """Where it can be taken back as things are."""
    known = desk.kit.channels.items()
    return await _prospect(desk, tx, campaign_id, {name: _recalls(channel) for name, channel in known})


async def to_edit(desk: Desk, tx: Tx, campaign: Campaign) -> Prospect:
    """Where other words can come in the place of the old ones as things are. What is not planned yet waits, too, and
    what a correction that was given up left."""
    known = desk.kit.channels.items()
    seen = await _prospect(desk, tx, campaign.id, {name: _edits(channel) for name, channel in known})
    if campaign.planned_at is not None and campaign.state is not State.CANCELLED:
        return seen
    elsewhere = seen.able_groups + seen.unable_groups + seen.by_hand + seen.unsure + seen.without
    return replace(seen, waiting=max(0, len(await concerned(tx, campaign)) - elsewhere))


def _recalls(channel: Channel) -> float | None:
    """For how many seconds; 0 for never, None for ever."""
    return channel.recall_within if isinstance(channel, Recalls) else 0.0


def _edits(channel: Channel) -> float | None:
    return channel.edit_within if isinstance(channel, Edits) else 0.0


async def _prospect(desk: Desk, tx: Tx, campaign_id: str, within: Mapping[str, float | None]) -> Prospect:
    limits = {name: tx.now - timedelta(seconds=seconds) for name, seconds in within.items() if seconds is not None}
    found = await stands(tx, campaign_id, since=limits)
    able: Counter[str] = Counter()
    unable: Counter[str] = Counter()
    for one in found.channels:
        channel = desk.kit.channels.get(one.channel)
        name = platform_name(channel.platform if channel else one.channel, desk.reader.tongue)
        young = one.young if channel else 0
        able[name] += young
        unable[name] += one.groups - young
    return Prospect(
        able=[each for each in able.items() if each[1]],
        unable=[each for each in unable.items() if each[1]],
        by_hand=found.by_hand,
        unsure=found.unsure,
        waiting=found.waiting,
        without=found.without,
        gone=found.gone,
    )
