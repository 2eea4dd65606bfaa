"""What an answer says about an account holds wherever it is heard: a dead secret is asked with once, an account that
is off or told to wait asks nothing, and an address that was shut out says nothing by any account."""

from collections import Counter
from dataclasses import replace

from app.core.http import Http, Reply, Request
from app.flows.drain import Drain
from app.flows.read_back import Seeker
from tests.stories.customers import SECRET, asked, customers, press, states
from tests.world import World

TOKEN = "xoxb-practice-story"


class Line:
    """Says everything through a sound line, and counts what was asked; what is `busy` answers that by itself."""

    def __init__(self, sound: Http, busy: str) -> None:
        self._sound, self._busy = sound, busy
        self.asked: Counter[str] = Counter()

    async def send(self, request: Request) -> Reply:
        what = request.url.rpartition("/")[2].partition("?")[0]
        self.asked[what] += 1
        if what == self._busy:
            return Reply(200, {}, b'{"errcode": 45009, "errmsg": "api freq out of limit"}')
        return await self._sound.send(request)


def _line(world: World, *, busy: str = "") -> Line:
    """From now on the world speaks through this."""
    line = Line(world.kit.http, busy)
    world.kit = replace(world.kit, http=line)
    world.seeker, world.drain = Seeker(world.kit), Drain(world.kit, "wrk_story")
    return line


async def _kill(world: World, platform: str, credential: str, *, dead: bool = True) -> None:
    body = {"platform": platform, "credential": credential, "dead": dead}
    assert (await world.sim.post("/_sim/targets", json=body)).is_success


async def _status(world: World, account: str) -> str:
    return str((await world.call("GET", f"/accounts/{account}"))["status"])


async def test_who_looks_after_tasks_with_a_dead_secret_asks_once_until_there_is_another(world: World) -> None:
    account = await customers(world)
    campaign = await world.launch(relay_minutes=600)
    await world.forward(seconds=2, step=1)
    [task] = await asked(world)
    await _kill(world, "wecom_app", SECRET["corp_secret"])
    line = _line(world)
    await world.forward(minutes=150, step=600)  # longer than its token lives
    assert await _status(world, account) == "refused"
    assert line.asked["gettoken"] == 1
    await _kill(world, "wecom_app", SECRET["corp_secret"], dead=False)
    await press(world, task)
    await world.call("PATCH", f"/accounts/{account}", json={"secret": SECRET})
    await world.forward(minutes=2, step=30)
    assert await states(world, campaign) == {"A": "relayed", "B": "relayed"}


async def test_an_account_that_is_off_asks_nothing_and_asks_when_it_is_on_again(world: World) -> None:
    account = await customers(world)
    campaign = await world.launch(relay_minutes=600)
    await world.forward(seconds=2, step=1)
    [task] = await asked(world)
    await world.call("PATCH", f"/accounts/{account}", json={"status": "off"})
    await press(world, task)
    line = _line(world)
    await world.forward(minutes=30, step=300)
    assert line.asked == {}
    await world.call("PATCH", f"/accounts/{account}", json={"status": "active"})
    await world.forward(minutes=2, step=30)
    assert await states(world, campaign) == {"A": "relayed", "B": "relayed"}


async def test_a_wait_of_the_whole_account_holds_all_its_looks(world: World) -> None:
    await customers(world)
    for title in ("First", "Second"):
        await world.launch(relay_minutes=600, title=title, body=f"{title}: come in.")
        await world.forward(seconds=4, step=2)
    assert len(await asked(world)) == 2
    line = _line(world, busy="get_groupmsg_send_result")
    await world.forward(seconds=50, step=2)
    assert line.asked["get_groupmsg_send_result"] == 1


async def test_a_dead_token_is_refused_by_the_first_question_whether_words_stand(world: World) -> None:
    account = await world.account("app", "slack", secret={"bot_token": TOKEN}, base_url=world.platform)
    rows = [{"group": f"S{n}", "platform": "slack", "address": f"C000000{n}", "account": "app"} for n in range(4)]
    await world.groups(*rows)
    fault = {"platform": "slack", "kind": "http_500", "times": 4, "accepted": False}
    assert (await world.sim.post("/_sim/faults", json=fault)).is_success
    world.seeker.ways = []  # nobody looks before the token is dead
    await world.launch(relay_minutes=600)
    await world.forward(seconds=10, step=1)
    await _kill(world, "slack", TOKEN)
    line = _line(world)
    await world.forward(minutes=30, step=60)
    assert await _status(world, account) == "refused"
    assert line.asked["conversations.history"] == 1


async def test_who_shut_out_our_address_hears_no_more_of_any_account(world: World) -> None:
    """Cloudflare's ban, in front of Discord: bots and hooks alike."""
    for name in ("one", "two"):
        await world.account(name, "discord", base_url=world.platform, secret={"bot_token": f"token-of-{name}"})
    await world.account("hooks", "discord")
    hook = {"group": "hook", "platform": "discord", "address": f"{world.platform}/api/webhooks/1234567/tok_tok"}
    hook |= {"account": "hooks"}
    await world.groups({"group": "A", "platform": "discord", "address": "1001", "account": "one"})
    fault = {"platform": "discord", "kind": "throttle", "times": 1, "says": "600"}
    assert (await world.sim.post("/_sim/faults", json=fault)).is_success
    await world.launch(relay_minutes=180)
    await world.groups({"group": "B", "platform": "discord", "address": "1002", "account": "two"}, hook)
    await world.launch(relay_minutes=180, title="second")
    await world.forward(seconds=30, step=5)
    assert [one["target"] for one in await world.received(standing=False)] == ["1001"]
    await world.forward(minutes=11, step=60)
    assert len(await world.received()) == 4
