"""An account's secret is withdrawn in the middle of a campaign: it is used no more, what waits says why, and a new
one goes on where the old one stopped."""

from collections import Counter
from dataclasses import replace

import pytest

from app.core.http import Http, Reply, Request
from app.flows.drain import Drain
from tests.world import World

TEXT = "Please stay indoors until 18:00."
OLD, OTHER, NEW = "123456:practice-token-of-the-story", "777777:another-token", "999999:fresh-token-of-the-story"
GROUPS, OTHERS = 60, 5
SLOWLY = [{"scope": "account", "count": 1, "per_seconds": 1}]


class Line:
    """Says everything through a sound line, and knows by which secret; and of the first answer that refused one, how
    many posts were under way by it, and how many began to leave later."""

    def __init__(self, sound: Http) -> None:
        self._sound = sound
        self.begun: Counter[str] = Counter()
        self._answered: Counter[str] = Counter()
        self.under_way: int | None = None
        self.later = 0

    async def send(self, request: Request) -> Reply:
        token = request.url.partition("/bot")[2].partition("/")[0]
        self.begun[token] += 1
        self.later += token == OLD and self.under_way is not None
        reply = await self._sound.send(request)
        if reply.status == 401 and self.under_way is None:
            self.under_way = self.begun[token] - self._answered[token]
        self._answered[token] += 1
        return reply


class NoAtOnce:
    """Refuses every secret before the next words can begin to leave, and counts."""

    def __init__(self) -> None:
        self.asked = 0

    async def send(self, _request: Request) -> Reply:
        self.asked += 1
        return Reply(401, {}, b'{"ok":false,"error_code":401,"description":"Unauthorized"}')


def _posts_by(world: World, line: Http) -> None:
    world.kit = replace(world.kit, http=line)
    world.drain = Drain(world.kit, "wrk_story")


@pytest.fixture
def line(world: World) -> Line:
    """The line of the story's worker."""
    line = Line(world.kit.http)
    _posts_by(world, line)
    return line


def _targets(posts: int = GROUPS, others: int = OTHERS) -> list[str]:
    return sorted([*(f"-100{n}" for n in range(posts)), *(f"-200{n}" for n in range(others))])


async def _begun(world: World) -> tuple[str, str]:
    """A campaign that stands in half of its groups; the account that posts to most of them, and its campaign."""
    account = await world.account("bot", secret={"bot_token": OLD})
    await world.account("second", secret={"bot_token": OTHER}, limits=SLOWLY)
    rows = [{"group": f"T{n}", "platform": "telegram", "address": f"-100{n}", "account": "bot"} for n in range(GROUPS)]
    rows += [{"group": f"S{n}", "address": f"-200{n}", "account": "second"} for n in range(OTHERS)]
    await world.groups(*({"platform": "telegram", **row} for row in rows))
    return account, await world.launch()


async def _withdrawn(world: World) -> None:
    await world.sim.post("/_sim/targets", json={"platform": "telegram", "credential": OLD, "dead": True})


async def _refused(world: World) -> int:
    """How often a platform refused a secret."""
    return sum(one["answer"].startswith("401") for one in await world.received(standing=False))


async def test_after_its_first_refusal_a_secret_is_used_no_more(world: World, line: Line) -> None:
    _, campaign = await _begun(world)
    stood = line.begun[OLD]
    assert 0 < stood < GROUPS / 2 + 1, "it is not in its middle"
    await _withdrawn(world)
    await world.forward(seconds=20, step=1)
    assert line.under_way is not None
    assert line.later == 0
    assert await _refused(world) == line.begun[OLD] - stood <= line.under_way
    assert await world.violations() == 0
    assert len(await world.posts(TEXT)) == stood + OTHERS  # another account goes on
    assert (await world.campaign(campaign))["status"] == "running"


async def test_words_that_were_claimed_and_had_not_begun_to_leave_do_not(world: World) -> None:
    line = NoAtOnce()
    _posts_by(world, line)
    await world.account("bot", secret={"bot_token": OLD})
    await world.groups(
        *({"group": f"T{n}", "platform": "telegram", "address": f"-100{n}", "account": "bot"} for n in range(GROUPS))
    )
    campaign = await world.launch()
    await world.forward(seconds=20, step=1)
    assert line.asked == 1
    assert {relay["state"] for relay in (await world.relays(campaign)).values()} == {"planned"}


async def test_what_waits_says_why_and_loses_nothing(world: World, line: Line) -> None:
    account, campaign = await _begun(world)
    stood = line.begun[OLD]
    await _withdrawn(world)
    await world.forward(seconds=20, step=1)
    shown = await world.call("GET", f"/accounts/{account}")
    assert shown["status"] == "refused"
    found = (await world.call("GET", f"/campaigns/{campaign}/deliveries", params={"limit": 200}))["items"]
    waiting = [one for one in found if one["state"] != "sent"]
    assert [one["state"] for one in waiting] == ["due"] * (GROUPS - stood)
    assert {one["tries"] for one in waiting} == {0}
    for one in waiting:
        why = (await world.call("GET", f"/deliveries/{one['id']}/why"))["why"]
        assert "the platform refused the account's secret" in why
    assert await world.missed(campaign) == {}


async def test_a_new_secret_goes_on_and_nobody_has_it_twice(world: World, line: Line) -> None:
    account, campaign = await _begun(world)
    await _withdrawn(world)
    await world.forward(seconds=20, step=1)
    stood, used = len(await world.posts(TEXT)), line.begun[OLD]
    await world.call("PATCH", f"/accounts/{account}", json={"secret": {"bot_token": NEW}})
    await world.forward(seconds=20, step=1)
    assert await world.posts(TEXT) == _targets()
    assert line.begun[OLD] == used
    assert line.begun[NEW] == GROUPS + OTHERS - stood
    assert (await world.call("GET", f"/accounts/{account}"))["status"] == "active"
    assert (await world.campaign(campaign))["status"] == "finished"
