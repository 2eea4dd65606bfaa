"""Lookout: what could leave in the shards this worker holds, and what may leave this moment."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.channels.port import Verdict
from app.core.db import Tx
from app.core.http import DEADLINE_S
from app.core.limits import Scope
from app.domain.accounts import store as accounts
from app.domain.accounts.service import limits
from app.domain.deliveries import store as deliveries
from app.domain.pacing.rules import NEVER, SLACK, Pacer, Waiting, gap
from app.domain.shards.rules import shard_of
from app.flows.kit import Kit
from app.flows.outcomes import Heard

BUFFER = 2048
LOW = 512
MEMORY = timedelta(minutes=11)
"""How far back a new pacer reads at least: longer than the longest published window (DingTalk's ten minutes)."""


@dataclass(frozen=True)
class Picked:
    """A delivery that may leave, with the very pacer that let it: a successor's knows nothing of it."""

    account_id: str
    pacer: Pacer
    waiting: Waiting

    def leaves(self, at: datetime) -> None:
        self.pacer.leaves(self.waiting, at.timestamp())

    def heed(self, heard: Heard) -> None:
        """What the pacer must know of the answer, before it is written down."""
        pacer, waiting, now, outcome = self.pacer, self.waiting, heard.ended_at.timestamp(), heard.outcome
        pacer.end(waiting, now)
        if outcome.verdict is Verdict.THROTTLED and outcome.scope is Scope.CHAT:
            pacer.shut(waiting.chat, now + (outcome.wait_s or 60.0))
        elif outcome.verdict is Verdict.THROTTLED:
            pacer.rest(now + (outcome.wait_s or 60.0))
        elif outcome.verdict is Verdict.CREDENTIAL_REFUSED:
            pacer.rest(now + 2.0)


def fair_room(free: int, own: int) -> int:
    """How many posts one account may have under way: half of the room that the others leave it, and one at least. A
    platform that answers nothing holds each post until its deadline; it must not hold every place there is."""
    return max(1, (free + own) // 2)


def recall(pacer: Pacer, said: Iterable[Any], in_flight: Iterable[Any], now: datetime) -> None:
    """Tell a new pacer what its account said before, and what it may still be saying: a predecessor that gave its
    shard away, or lost it, is heard out until its lease is over."""
    for row in said:
        pause = gap(row.seed, row.delivery_id, least=row.min_gap_s, most=row.max_gap_s)
        pacer.remember(row.chat, row.ended_at.timestamp(), quiet_until=row.started_at.timestamp() + pause)
    for row in in_flight:
        pause = gap(row.seed, row.delivery_id, least=row.min_gap_s, most=row.max_gap_s)
        started_at = min(now, row.lease_until - timedelta(seconds=DEADLINE_S))
        pacer.inherit(row.delivery_id, row.fence, row.chat, quiet_until=started_at.timestamp() + pause)


def conclude(pacer: Pacer, in_flight: Iterable[Any], now: datetime) -> None:
    """End what the pacer inherited and nobody says any more."""
    still = {(row.delivery_id, row.fence) for row in in_flight if row.lease_until > now}
    for delivery_id, fence in pacer.inherited - still:
        pacer.conclude(delivery_id, fence, now.timestamp())


class Lookout:
    """The pacers of the accounts with work, and small buffers of what is due in their lanes."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self.pacers: dict[str, Pacer] = {}
        self._full: set[tuple[str, str]] = set()

    @property
    def hungry(self) -> bool:
        """Whether a buffer that the last look filled to the brim has run low."""
        return any(self.pacers[account].waiting(campaign) < LOW for account, campaign in self._full)

    def keep(self, shards: Iterable[int]) -> None:
        """Forget the accounts of shards that are no longer ours."""
        held = set(shards)
        for account_id in [account for account in self.pacers if shard_of(account) not in held]:
            del self.pacers[account_id]
        self._full = {pair for pair in self._full if pair[0] in self.pacers}

    async def look(self, shards: Iterable[int]) -> None:
        """Read the lanes with work and top their buffers up; drop what stands behind a gate now. Where a
        campaign's own gate is closed, its words may still be taken back."""
        async with self._kit.db.read(brief=True) as tx:
            lanes = await deliveries.lanes_with_work(tx, sorted(shards))
            held = await deliveries.lanes_with_recalls(tx, sorted(shards))
            await self._conclude(tx)
            await self._build(tx, {lane.account_id for lane in (*lanes, *held)} - self.pacers.keys())
            open_lanes = {(lane.account_id, lane.campaign_id) for lane in lanes}
            for account_id, pacer in self.pacers.items():
                for campaign in pacer.campaigns():
                    if (account_id, campaign) not in open_lanes:
                        pacer.forget(campaign)
            self._full &= open_lanes
            low = [lane for lane in lanes if self.pacers[lane.account_id].waiting(lane.campaign_id) < LOW]
            rows = await deliveries.due(tx, low, limit=BUFFER)
            for lane in low:
                self._fill(lane, rows[lane.account_id, lane.campaign_id])
            for lane in held:
                self._fill(lane, await deliveries.recalls_due(tx, lane, limit=BUFFER))

    def _fill(self, lane: deliveries.OpenLane, rows: Sequence[Any]) -> None:
        pacer, pair = self.pacers[lane.account_id], (lane.account_id, lane.campaign_id)
        pacer.offer(
            Waiting(
                id=row.id,
                campaign=lane.campaign_id,
                chat=row.chat,
                rank=lane.rank,
                due_at=row.due_at.timestamp(),
                gap_s=gap(lane.seed, row.id, least=lane.min_gap_s, most=lane.max_gap_s),
            )
            for row in rows
        )
        (self._full.add if len(rows) == BUFFER else self._full.discard)(pair)

    async def _build(self, tx: Tx, account_ids: Iterable[str]) -> None:
        """A pacer for each of these accounts, with what the account said lately still counting: limits survive a
        worker's death, and its successor knows them."""
        for account in await accounts.get(tx, sorted(account_ids)):
            channel = self._kit.channels.get(account.channel)  # none where an extra is not installed: saying it tells
            pacer = Pacer(limits(account, channel.limits if channel else ()))
            since = tx.now - max(MEMORY, timedelta(seconds=SLACK * max((one.per_s for one in pacer.limits), default=0)))
            said = await deliveries.recent(tx, account.id, since)
            recall(pacer, said, await deliveries.in_flight(tx, account.id), tx.now)
            self.pacers[account.id] = pacer

    async def _conclude(self, tx: Tx) -> None:
        """What others had under way when a pacer was built, and have not any more, has ended by now."""
        for account_id, pacer in self.pacers.items():
            if pacer.inherited:
                conclude(pacer, await deliveries.in_flight(tx, account_id), tx.now)

    def pick(self, now: float, *, most: int, free: int) -> tuple[list[Picked], float]:
        """What leaves now, begun with its pacer; and when to ask again. Accounts take turns, one post each a round, so
        that a busy one cannot keep the others waiting; those with the most urgent campaigns go first. `free` is for how
        many more this worker has room, `most` how many may be picked at once."""
        picked: list[Picked] = []
        again = min((pacer.asleep.until for pacer in self.pacers.values() if pacer.asleep.until > now), default=NEVER)
        awake = [(account_id, pacer) for account_id, pacer in self.pacers.items() if pacer.asleep.until <= now]
        turn = sorted(awake, key=lambda item: item[1].urgency())
        while turn and len(picked) < min(most, free):
            ready = []
            for account_id, pacer in turn:
                left = free - len(picked)
                if len(picked) == min(most, free) or pacer.under_way >= fair_room(left, pacer.under_way):
                    continue
                found = pacer.next(now)
                if isinstance(found, Waiting):
                    picked.append(Picked(account_id, pacer, found))
                    ready.append((account_id, pacer))
                else:
                    again = min(again, found.until)
            turn = ready
        return picked, again
