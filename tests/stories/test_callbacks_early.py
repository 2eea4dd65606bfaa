"""A receipt may be here before the outcome of its delivery is, may be about nothing, and may be told any number of
times."""

from datetime import timedelta

from app.domain.deliveries import store as deliveries
from app.domain.deliveries.rules import Claimed, Result
from app.domain.deliveries.states import News
from app.domain.relays import store as relays
from app.domain.relays.states import News as RelayNews
from app.flows.receive import receive
from tests.stories.callbacks import WEBHOOK, bring, made, tells
from tests.world import World


async def _being_sent(world: World) -> tuple[str, str, Claimed]:
    """A delivery that is being sent by a worker who has not told yet: (account, campaign, the claim)."""
    account = await world.account("hooks", "webhook", secret=WEBHOOK)
    await world.groups({"group": "H1", "platform": "webhook", "address": world.webhook("h1"), "account": "hooks"})
    await world.call("POST", "/stop")
    campaign = await world.launch(relay_minutes=600)
    await world.call("POST", "/start")
    [delivery] = (await world.call("GET", f"/campaigns/{campaign}/deliveries"))["items"]
    async with world.kit.db.write() as tx:
        [claimed] = await deliveries.claim(tx, [delivery["id"]])
        assert claimed.relay_id
        await relays.move(tx, [claimed.relay_id], RelayNews.CLAIMED, actor="muster")
    return account, campaign, claimed


async def _outcome(world: World, account: str) -> list[tuple[str, bool]]:
    events = (await world.call("GET", f"/accounts/{account}/events"))["items"]
    return [(one["outcome"], one["handled_at"] is not None) for one in events]


async def test_an_early_receipt_waits_for_the_outcome_of_its_delivery(world: World) -> None:
    account, campaign, claimed = await _being_sent(world)
    request = await made(world, "webhook", "delivered", secret=WEBHOOK, delivery=claimed.id)
    assert (await bring(world, "webhook", account, request)).status_code == 200
    await receive(world.kit)
    assert await _outcome(world, account) == [("", False)]
    async with world.kit.db.write() as tx:
        await deliveries.finish(tx, [Result(claimed.id, claimed.fence, News.LINE_LOST)])
        await relays.move(tx, [str(claimed.relay_id)], RelayNews.LINE_LOST, actor="muster")
    world.clock.advance(timedelta(seconds=2))
    await receive(world.kit)
    assert await _outcome(world, account) == [("settled_sent", True)]
    assert (await world.relays(campaign))["H1"]["evidence"] == "platform_verified"


async def test_a_receipt_about_nothing_we_know_is_given_up_after_an_hour(world: World) -> None:
    account = await world.account("hooks", "webhook", secret=WEBHOOK)
    await tells(world, account, "webhook", "delivered", secret=WEBHOOK, delivery="dlv_nobody")
    await world.forward(minutes=59, step=60)
    assert await _outcome(world, account) == [("", False)]
    await world.forward(minutes=7, step=60)
    assert await _outcome(world, account) == [("unknown", True)]


async def test_what_is_handled_twice_at_once_is_handled_once(world: World) -> None:
    account, campaign, claimed = await _being_sent(world)
    async with world.kit.db.write() as tx:
        await deliveries.finish(tx, [Result(claimed.id, claimed.fence, News.LINE_LOST)])
        await relays.move(tx, [str(claimed.relay_id)], RelayNews.LINE_LOST, actor="muster")
    for what in ("delivered", "read", "failed"):
        request = await made(world, "webhook", what, secret=WEBHOOK, delivery=claimed.id)
        await bring(world, "webhook", account, request)
    for _ in range(3):
        await receive(world.kit)
    outcomes = sorted(outcome for outcome, _ in await _outcome(world, account))
    assert outcomes == ["nothing_to_settle", "nothing_to_settle", "settled_sent"]
    relay = (await world.relays(campaign))["H1"]
    events = (await world.call("GET", f"/relays/{relay['id']}"))["events"]
    assert [one["became"] for one in events if one["subject"] == "delivery"][-2:] == ["uncertain", "sent"]
