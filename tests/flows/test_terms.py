"""Who is paced by what: accounts of one bot together, and by limits that were changed meanwhile."""

from datetime import timedelta

from sqlmodel import select

from app.core.clock import ManualClock
from app.core.db import Database
from app.core.limits import Period, Scope
from app.domain.accounts import service
from app.domain.accounts.rules import OwnLimit
from app.domain.accounts.service import Changes, NewAccount
from app.domain.campaigns.tables import Campaign
from app.domain.deliveries import store
from app.domain.deliveries.rules import Result
from app.domain.deliveries.states import News
from app.domain.deliveries.tables import Lane
from app.flows.accounts import house
from app.flows.kit import Kit
from app.flows.lanes import open_lanes
from app.flows.lookout import Lookout
from app.flows.picked import Picked
from tests.builders.deliveries import delivery, stage
from tests.builders.directory import kit_on

TOKEN = {"bot_token": "123456:practice-token-of-the-terms"}


async def _bots(kit: Kit, *secrets: dict[str, str], posts: int) -> list[str]:
    """An account with each of these secrets, with so many posts each in one campaign."""
    async with kit.db.write() as tx:
        await stage(tx)
        campaign = await tx.first(select(Campaign))
        assert campaign is not None
        made = [
            await service.create(
                tx, "cen_1", NewAccount(f"bot {n}", "telegram", None, secret, None), house=house(kit), actor="test"
            )
            for n, secret in enumerate(secrets)
        ]
        names = [account.id for account in made]
        await open_lanes(tx, campaign, names)
        rows = [
            delivery(1000 * n + post, tx.now, account_id=name) for n, name in enumerate(names) for post in range(posts)
        ]
        await store.create(tx, rows)
    return names


def _all_that_may(lookout: Lookout, now: float) -> list[Picked]:
    found: list[Picked] = []
    while picked := lookout.pick(now, most=64, free=10_000)[0]:
        found += picked
    return found


async def _shards(db: Database, names: list[str]) -> list[int]:
    async with db.read() as tx:
        lanes = {lane.account_id: lane.shard for lane in await tx.all(select(Lane))}
    return [lanes[name] for name in names]


async def test_two_accounts_of_one_bot_stand_in_one_shard_and_share_its_thirty_a_second(db: Database) -> None:
    kit = kit_on(db)
    names = await _bots(kit, TOKEN, TOKEN, {"bot_token": "99:the-token-of-another-bot"}, posts=40)
    one, same, _ = await _shards(db, names)
    assert one == same
    lookout, now = Lookout(kit), db.clock.now().timestamp()
    await lookout.look(range(16))
    first = _all_that_may(lookout, now)
    twins = [picked for picked in first if picked.account_id in names[:2]]
    assert len(twins) == 30
    assert len([picked for picked in first if picked.account_id == names[2]]) == 30
    assert {picked.shard for picked in twins} == {one}
    for picked in first:
        picked.pacer.end(picked.waiting, now)
    assert _all_that_may(lookout, now + 1.0) == []
    assert len(_all_that_may(lookout, now + 1.03)) == 30 + 10


async def test_limits_that_change_hold_from_the_next_look_and_what_was_said_still_counts(
    db: Database, clock: ManualClock
) -> None:
    kit = kit_on(db)
    [name] = await _bots(kit, TOKEN, posts=60)
    lookout = Lookout(kit)
    await lookout.look(range(16))
    said = _all_that_may(lookout, clock.now().timestamp())
    assert len(said) == 30
    async with db.write() as tx:
        claimed = await store.claim(tx, [picked.waiting.id for picked in said])
        await store.finish(tx, [Result(one.id, one.fence, News.ACCEPTED) for one in claimed])
        times = {"started_at": tx.now, "ended_at": tx.now, "outcome": "sent", "code": "", "detail": "", "stale": False}
        await store.witness(
            tx,
            [
                {"id": one.id, "delivery_id": one.id, "account_id": name, "chat": one.chat, "fence": 1, **times}
                for one in claimed
            ],
        )
        own = [OwnLimit(Scope.ACCOUNT, 35, 60)]
        await service.patch(tx, "cen_1", name, Changes(limits=own), house=house(kit), actor="test")
    await lookout.look(range(16))
    clock.advance(timedelta(seconds=2))
    assert len(_all_that_may(lookout, clock.now().timestamp())) == 5


async def test_a_new_secret_moves_an_account_to_its_bot(db: Database) -> None:
    kit = kit_on(db)
    names = await _bots(kit, TOKEN, {"bot_token": "99:the-token-of-another-bot"}, posts=40)
    async with db.write() as tx:
        changed = await service.patch(tx, "cen_1", names[1], Changes(secret=TOKEN), house=house(kit), actor="test")
    assert changed.rekeyed
    lookout = Lookout(kit)
    await lookout.look(range(16))
    assert len(_all_that_may(lookout, db.clock.now().timestamp())) == 30


async def test_a_quota_is_counted_from_the_ledger_and_says_when_it_is_used_up(db: Database, clock: ManualClock) -> None:
    kit = kit_on(db)
    [name] = await _bots(kit, TOKEN, posts=20)
    async with db.write() as tx:
        own = [OwnLimit(Scope.ACCOUNT, 12, period=Period.MONTH)]
        await service.patch(tx, "cen_1", name, Changes(limits=own), house=house(kit), actor="test")
    lookout = Lookout(kit)
    await lookout.look(range(16))
    said = _all_that_may(lookout, clock.now().timestamp())
    assert len(said) == 12
    async with db.write() as tx:
        assert len(await store.claim(tx, [picked.waiting.id for picked in said])) == 12
    clock.advance(timedelta(minutes=2))
    successor = Lookout(kit)
    await successor.look(range(16))
    assert _all_that_may(successor, clock.now().timestamp()) == []
    async with db.read() as tx:
        [gate] = await store.closed_gates(tx, [name])
    assert gate.reason == "its quota of 12 a month per account is used up; the next begins 2026-04-01 00:00 (UTC+8)"
