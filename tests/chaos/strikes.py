"""Strikes: what an event does to the house, and how the house is mended afterwards."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Mapping

import httpx
import redis.asyncio as redis_client

from tests.chaos.facts import Strike
from tests.chaos.head import Head
from tests.chaos.holders import worker_in
from tests.chaos.house import House
from tests.chaos.program import Program
from tests.chaos.scenario import Campaign, Event, Scenario

_TERM_S = 30.0
_STRUCK_S = 90.0
"""So long a fault may wait for somebody to run into it: on a very busy machine an API that was killed needs most of a
minute to start, and only then a campaign is launched."""
_LOOK_S = 0.2


class Strikes:
    """Carries events out. `done` holds the faults that struck processes, servers and secrets, `counts` all that
    happened."""

    def __init__(self, house: House, head: Head, platform: httpx.AsyncClient, scenario: Scenario) -> None:
        self.done: list[Strike] = []
        self.counts: dict[str, int] = {}
        self.broken: list[str] = []
        self._house, self._head, self._platform = house, head, platform
        self._cast = scenario.cast
        self._campaigns: Mapping[str, Campaign] = {one.name: one for one in scenario.campaigns}
        self._idle = list(house.workers)
        self._ours: set[str] = set()
        self._database, self._api, self._redis = asyncio.Lock(), asyncio.Lock(), asyncio.Lock()

    async def strike(self, event: Event) -> None:
        """Let this event happen, and wait until it is over."""
        happened = await DEEDS[event.kind](self, event)
        if happened:
            self.counts[happened] = self.counts.get(happened, 0) + 1

    async def watch(self) -> None:
        """Start again, as any supervisor would, whatever ends without our doing; that it did is a finding."""
        while True:
            await asyncio.sleep(0.5)
            for program in (self._house.api, *self._house.workers):
                if not program.lives and program.name not in self._ours:
                    self.broken.append(f"The {program.name} ended by itself.")
                    await program.start()

    async def launch(self, event: Event) -> str:
        wanted = self._campaigns[event.campaign]
        await self._head.launch(wanted, self._cast.audience(wanted.tag), at_once=1 + int(event.pick * 3))
        return event.kind

    async def quiet(self, _event: Event) -> str:
        """Nothing happens, and what was begun goes on till now, and till whatever was to go wrong a few times has: on a
        busy machine words leave late."""
        deadline, left = time.monotonic() + _STRUCK_S, True
        while left and time.monotonic() < deadline:
            await asyncio.sleep(_LOOK_S)
            left = any(one["left"] for one in (await self._platform.get("/_sim/state")).json()["faults"])
        return ""

    async def pause(self, event: Event) -> str:
        return event.kind if await self._head.pause(event.campaign, event.lasts) else ""

    async def cancel(self, event: Event) -> str:
        return event.kind if await self._head.cancel(event.campaign) else ""

    async def kill_switch(self, event: Event) -> str:
        return event.kind if await self._head.kill_switch(event.lasts) else ""

    async def twins(self, event: Event) -> str:
        await self._head.repeat(event.campaign, at_once=2 + int(event.pick * 3))
        return event.kind

    async def press_twice(self, event: Event) -> str:
        await self._head.press_twice(event.campaign)
        return event.kind

    async def worker(self, event: Event) -> str:
        """Kill, end or stop a worker that nothing else is happening to, and have it run again."""
        if not self._idle:
            return ""
        victim = self._idle.pop(int(event.pick * len(self._idle)))
        self._ours.add(victim.name)
        try:
            if event.kind == "worker_stop":
                await self._stand_still(victim, event)
            else:
                await self._end(victim, event)
        finally:
            self._idle.append(victim)
            self._ours.discard(victim.name)
        return event.kind

    async def _stand_still(self, victim: Program, event: Event) -> None:
        victim.send(signal.SIGSTOP)
        since = time.monotonic()
        self.done.append(Strike(event.kind, since, since + event.lasts, victim.name, worker_in(victim.told)))
        await asyncio.sleep(event.lasts)
        victim.send(signal.SIGCONT)

    async def _end(self, victim: Program, event: Event) -> None:
        since, settled, worker = time.monotonic(), victim.settled, worker_in(victim.told)
        number = signal.SIGKILL if event.kind == "worker_kill" else signal.SIGTERM
        code = await victim.end(number, patience_s=_TERM_S)
        if number is signal.SIGTERM and code != 0 and settled:
            self.broken.append(f"{victim.name} was asked to end and ended with {code}.")
        await asyncio.sleep(event.lasts)
        await victim.start()
        self.done.append(Strike(event.kind, since, time.monotonic(), victim.name, worker))

    async def api_kill(self, event: Event) -> str:
        async with self._api:
            self._ours.add("api")
            since = time.monotonic()
            await self._house.api.end(signal.SIGKILL)
            await asyncio.sleep(event.lasts)
            await self._house.api.start()
            self._ours.discard("api")
            self.done.append(Strike(event.kind, since, time.monotonic()))
        return event.kind

    async def redis_flush(self, event: Event) -> str:
        async with self._redis, redis_client.Redis.from_url(self._house.redis.url) as server:
            self.done.append(Strike(event.kind, time.monotonic(), time.monotonic()))
            await server.flushall()
        return event.kind

    async def redis_kill(self, event: Event) -> str:
        async with self._redis:
            since = time.monotonic()
            self._house.redis.kill()
            await asyncio.sleep(event.lasts)
            self._house.redis.start()
            self.done.append(Strike(event.kind, since, time.monotonic()))
        return event.kind

    async def postgres(self, event: Event) -> str:
        server, proxy = self._house.postgres, self._house.proxy
        assert server is not None
        assert proxy is not None
        async with self._database:
            since = time.monotonic()
            if event.kind == "postgres_crash":
                await asyncio.to_thread(server.stop, signal.SIGQUIT)
                await asyncio.sleep(event.lasts)
                await asyncio.to_thread(server.start)
            elif event.kind == "postgres_stall":
                await proxy.stall(event.lasts)
            elif event.kind == "postgres_cut":
                proxy.cut()
            else:
                proxy.cut_commits(3)
                await asyncio.sleep(1)
            self.done.append(Strike(event.kind, since, time.monotonic()))
        return event.kind

    async def platform(self, event: Event) -> str:
        (await self._platform.post("/_sim/faults", json=event.what)).raise_for_status()
        return f"platform_{event.what['kind']}"

    async def credential(self, event: Event) -> str:
        """A bot's token is withdrawn; a while after it was refused it is good again, and the head enters it anew."""
        bots = [one for one in self._cast.accounts if one.token]
        bot = bots[int(event.pick * len(bots))]
        token, since = {"platform": "telegram", "credential": bot.token}, time.monotonic()
        await self._platform.post("/_sim/targets", json={**token, "dead": True})
        await self._refused()
        await asyncio.sleep(event.lasts)
        await self._platform.post("/_sim/targets", json={**token, "dead": False})
        accounts = {one["name"]: one["id"] for one in await self._head.items("/accounts")}
        body = {"secret": {"bot_token": bot.token}}
        await self._head.ask("PATCH", f"/api/v1/accounts/{accounts[bot.name]}", json=body)
        self.done.append(Strike(event.kind, since, time.monotonic(), accounts[bot.name]))
        return event.kind

    async def _refused(self) -> None:
        """Wait until a token was refused: a bot may have nothing to say at this moment, or nobody to say it."""
        deadline, seen, met = time.monotonic() + _STRUCK_S, 0, False
        while not met and time.monotonic() < deadline:
            await asyncio.sleep(_LOOK_S)
            latest = (await self._platform.get("/_sim/receipts", params={"after": seen})).json()["items"]
            seen = max([seen, *(one["seq"] for one in latest)])
            met = any(one["answer"].startswith("401") for one in latest)

    async def target(self, event: Event) -> str:
        """A robot is thrown out of its group, or a group is moved to a new number."""
        chats = [one for one in self._cast.groups if one.platform == event.what["platform"]]
        chat = chats[int(event.pick * len(chats))]
        body: dict[str, object] = {"platform": chat.platform, "target": chat.target}
        if event.kind == "kicked":
            body |= {"state": "kicked"}
        else:
            body |= {"state": "migrated", "migrate_to": int(chat.target.replace("-1007", "-1009"))}
        (await self._platform.post("/_sim/targets", json=body)).raise_for_status()
        return event.kind


DEEDS: Mapping[str, Callable[[Strikes, Event], Awaitable[str]]] = {
    **dict.fromkeys(("worker_kill", "worker_term", "worker_stop"), Strikes.worker),
    **dict.fromkeys(("postgres_crash", "postgres_cut", "postgres_cut_in_commit", "postgres_stall"), Strikes.postgres),
    **dict.fromkeys(("kicked", "moved"), Strikes.target),
    **{
        name: getattr(Strikes, name)
        for name in ("launch", "quiet", "pause", "cancel", "kill_switch", "twins", "press_twice")
    },
    **{name: getattr(Strikes, name) for name in ("api_kill", "redis_flush", "redis_kill", "platform", "credential")},
}
