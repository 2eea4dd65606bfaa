"""Lookout: what could leave in the shards this worker holds, and what may leave this moment."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from app.core.db import Tx
from app.domain.access import store as access
from app.domain.deliveries import store as deliveries
from app.domain.pacing.rules import Roster, Waiting, fair_room, gap
from app.flows.kit import Kit
from app.flows.picked import Picked
from app.flows.predecessors import conclude, hear_of
from app.flows.quotas import ration, tell
from app.flows.terms import Terms, terms

BUFFER = 2048
LOW = 512
SOON = timedelta(seconds=1)
"""What falls due until the next look is read with this one, and meets its time."""
NONE: Mapping[str, int] = MappingProxyType({})


class Lookout:
    """The pacers of the accounts with work, and small buffers of what is due in their lanes."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self.pacers = Roster()
        self.zones: dict[str, str | None] = {}
        """Of each center whose lanes were seen: its time zone, where it names one."""
        self._terms: dict[str, Terms] = {}
        self._shards: dict[str, int] = {}
        """Of each account."""
        self._full: set[tuple[str, str]] = set()

    @property
    def hungry(self) -> bool:
        """Whether a buffer that the last look filled to the brim has run low."""
        return any(self.pacers[account].waiting(campaign) < LOW for account, campaign in self._full)

    def keep(self, shards: Iterable[int]) -> None:
        """Forget the accounts of shards that are no longer ours."""
        held = set(shards)
        lost = {account_id for account_id, shard in self._shards.items() if shard not in held}
        self._forget([key for key, known in self._terms.items() if lost & known.own.keys()])

    def _forget(self, keys: Iterable[str]) -> None:
        for key in keys:
            for account_id in self._terms.pop(key).own:
                del self.pacers[account_id], self._shards[account_id]
        self._full = {pair for pair in self._full if pair[0] in self.pacers}

    async def look(self, shards: Iterable[int]) -> None:
        """Read the lanes with work and top their buffers up; drop what stands behind a gate now. Where a
        campaign's own gate is closed, its words may still be taken back."""
        async with self._kit.db.read(brief=True, loose=True) as tx:
            lanes, held = await deliveries.lanes_with_work(tx, sorted(shards), by=tx.now + SOON)
            shard_of = {lane.account_id: lane.shard for lane in (*lanes, *held)}
            self.zones |= await access.zones(tx, sorted({lane.center_id for lane in (*lanes, *held)}))
            await self._conclude(tx)
            await self._agree(tx, shard_of)
            left = await ration(tx, self._terms.values(), self.pacers, shard_of.keys())
            open_lanes = {(lane.account_id, lane.campaign_id) for lane in lanes}
            for account_id, pacer in self.pacers.items():
                for campaign in pacer.campaigns():
                    if (account_id, campaign) not in open_lanes:
                        pacer.forget(campaign)
            self._full &= open_lanes
            low = [lane for lane in lanes if self.pacers[lane.account_id].waiting(lane.campaign_id) < LOW]
            rows = await deliveries.due(tx, low, limit=BUFFER, by=tx.now + SOON)
            for lane in low:
                self._fill(lane, rows[lane.account_id, lane.campaign_id])
            for lane in held:
                self._fill(lane, await deliveries.recalls_due(tx, lane, limit=BUFFER))
        await tell(self._kit, left)

    async def _agree(self, tx: Tx, shards: Mapping[str, int]) -> None:
        """A pacer for each of these accounts and those it shares limits with. Where their terms are not what they were,
        new ones take over from ours as they would from a stranger's: what was said still counts."""
        agreed = await terms(self._kit, tx, shards)
        fresh = {key: found for key, found in agreed.items() if self._terms.get(key) != found}
        renewed = {account for found in fresh.values() for account in found.own}
        self._forget([key for key, known in self._terms.items() if key in fresh or renewed & known.own.keys()])
        for key, found in fresh.items():
            pacers = found.pacers()
            await hear_of(tx, pacers, longest_s=found.longest_s)
            self.pacers.update(pacers)
            self._terms[key] = found
            shard = next(shards[account] for account in found.own if account in shards)
            self._shards |= dict.fromkeys(found.own, shard)

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

    async def _conclude(self, tx: Tx) -> None:
        """What others had under way when a pacer was built, and have not any more, has ended by now."""
        waited_for = {account_id: pacer for account_id, pacer in self.pacers.items() if pacer.inherited}
        if not waited_for:
            return
        in_flight = await deliveries.in_flight(tx, list(waited_for))
        for account_id, pacer in waited_for.items():
            conclude(pacer, [row for row in in_flight if row.account_id == account_id], tx.now)

    def pick(
        self, now: float, *, most: int, free: int, quick: Mapping[str, int] = NONE, ahead: float = 0.0
    ) -> tuple[list[Picked], float]:
        """What leaves now or within `ahead` seconds, begun with its pacer; and when to ask again. Accounts take turns,
        one post each a round, so that a busy one cannot keep the others waiting; those with the most urgent campaigns
        go first. `free` is for how many more this worker has room, `most` how many may be picked at once, `quick` how
        many posts of each account were answered at once since the last time."""
        picked: list[Picked] = []
        turn = sorted(self.pacers.awake(now + ahead), key=lambda item: item[1].urgency())
        while turn and len(picked) < min(most, free):
            ready = []
            for account_id, pacer in turn:
                left, own = free - len(picked), pacer.under_way
                if len(picked) == min(most, free) or own >= fair_room(left, own, quick=quick.get(account_id, 0)):
                    continue
                found, slot = pacer.ask(now, ahead)
                if isinstance(found, Waiting):
                    shard = self._shards.get(account_id, 0)
                    picked.append(Picked(account_id, pacer, found, slot, shard))
                    ready.append((account_id, pacer))
            turn = ready
        return picked, self.pacers.next_after(now + ahead)
