"""Foreseeing: the preflight of a campaign to groups of 200 accounts, with the end of each account's posts."""

from app.core import ids
from app.domain.accounts import store as accounts
from app.flows.preflight import preflight
from bench.cast import drafted, groups, kind, kit_on, people
from bench.measure import Figure, timed

ACCOUNTS = 200


async def scene(url: str, count: int) -> list[Figure]:
    async with kit_on(url, "127.0.0.1:1") as kit:
        caller = await people(kit)
        for number in range(ACCOUNTS):
            account_id = ids.new("acc")
            values = {"id": account_id, "center_id": caller.center_id, "name": f"hook {number}"}
            async with kit.db.write() as tx:
                await accounts.create(tx, {**values, "platform": "webhook", "channel": "webhook"})
            await groups(kit, caller, count // ACCOUNTS, host="127.0.0.1:1", account_id=account_id)
        campaign = await drafted(kit, caller, "foreseen")
        best = 1e9
        for _ in range(3):
            with timed() as watch:
                found = await preflight(kit, caller, campaign.id)
            best = min(best, watch.seconds)
    assert found.groups == count
    assert len(found.lanes) == ACCOUNTS
    name = f"{kind(url)}: preflight, {count:,} groups over {ACCOUNTS} accounts"
    return [Figure(name, best, "s", None, "≤ 1 s", best <= 1)]
