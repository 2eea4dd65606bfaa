"""The head operator of a run: gives orders through the API, gives them again while nobody answers, and writes down
from when to when each of them stood."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from tests.chaos.facts import FOREVER, Ordered, Stop
from tests.chaos.scenario import Campaign

_PAUSE_S = 0.15


class Unanswered(Exception):
    """The API gave no definite answer for longer than any fault lasts."""


@dataclass
class Orders:
    """What was ordered, and what came back."""

    campaigns: dict[str, Ordered] = field(default_factory=dict)
    answered: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    stops: list[Stop] = field(default_factory=list)
    pressed: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)

    def told(self) -> list[Ordered]:
        """Every campaign, with all ids that were answered for it by now."""
        return [replace(one, ids=frozenset(self.answered[name])) for name, one in self.campaigns.items()]


class Head:
    """`on_paper` are the leaders whom no account can write to: their links he hands out himself. He waits for an answer
    for `patience_s`, and besides while nobody listens, for `absence_s`: an API that is killed again while it starts is
    not one that is slow."""

    def __init__(
        self, base: str, key: str, *, on_paper: Sequence[str], patience_s: float = 45.0, absence_s: float = 180.0
    ) -> None:
        self._patience_s, self._absence_s = patience_s, absence_s
        self.orders = Orders()
        self._on_paper = on_paper
        self._bodies: dict[str, Campaign] = {}
        headers = {"Authorization": f"Bearer {key}"}
        self.api = httpx.AsyncClient(base_url=base, headers=headers, trust_env=False, timeout=20)

    async def ask(self, method: str, path: str, **said: Any) -> httpx.Response:
        """One request, made again until it is answered by something else than silence or a 503. Raises Unanswered."""
        began, absent = time.monotonic(), 0.0
        while absent < self._absence_s and time.monotonic() - began - absent < self._patience_s:
            tried = time.monotonic()
            try:
                answer = await self.api.request(method, path, **said)
            except httpx.HTTPError as error:
                await asyncio.sleep(_PAUSE_S)
                absent += time.monotonic() - tried if isinstance(error, httpx.ConnectError) else 0.0
                continue
            if answer.status_code < 500:
                return answer
            if answer.status_code != 503:
                self.orders.broken.append(f"{method} {path} was answered {answer.status_code}: {answer.text[:200]}")
            await asyncio.sleep(_PAUSE_S)
        took = time.monotonic() - began
        raise Unanswered(f"{method} {path} was not answered for {took:.0f} s, {absent:.0f} of them without an API")

    async def order(self, path: str) -> httpx.Response:
        return await self.ask("POST", f"/api/v1{path}")

    async def items(self, path: str) -> list[dict[str, Any]]:
        """Every item of a listing, page by page."""
        found: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            page = (await self.ask("GET", f"/api/v1{path}", params={"limit": "200", **cursor})).json()
            found += page["items"]
            if not page["next_cursor"]:
                return found
            cursor = {"cursor": page["next_cursor"]}

    async def create(self, wanted: Campaign, *, at_once: int = 1) -> str:
        """Post a draft so many times at once under one key; answers its id."""
        self._bodies[wanted.name] = wanted
        headers = {"Idempotency-Key": f"chaos-{wanted.name}"}
        body = wanted.body()
        made = await asyncio.gather(
            *(self.ask("POST", "/api/v1/campaigns", json=body, headers=headers) for _ in range(at_once))
        )
        for answer in made:
            if answer.status_code != 201:
                self.orders.broken.append(f"POST /campaigns for {wanted.name} was answered {answer.text[:200]}")
            else:
                self.orders.answered[wanted.name].add(str(answer.json()["id"]))
        return min(self.orders.answered[wanted.name])

    async def launch(self, wanted: Campaign, audience: frozenset[str], *, at_once: int) -> None:
        campaign = await self.create(wanted, at_once=at_once)
        began = time.monotonic()
        answer = await self.order(f"/campaigns/{campaign}/launch")
        if answer.status_code not in {202, 409} or (answer.status_code == 409 and not await self._runs(campaign)):
            self.orders.broken.append(f"The launch of {wanted.name} was answered {answer.text[:200]}")
            return
        self.orders.campaigns[wanted.name] = Ordered(
            wanted.name,
            campaign,
            audience,
            launched=(began, time.monotonic()),
            relay_s=wanted.relay_minutes * 60,
            reminders=len(wanted.reminders),
            gap_s=wanted.max_gap_s,
        )

    async def repeat(self, name: str, *, at_once: int) -> None:
        """Post the draft of a running campaign again."""
        await self.create(self._bodies[name], at_once=at_once)

    async def pause(self, name: str, seconds: float) -> bool:
        """Whether it stood paused."""
        ordered = await self._launched(name)
        if ordered is None:
            return False
        asked = time.monotonic()
        await self.order(f"/campaigns/{ordered.id}/pause")
        if await self._control(ordered.id) != "paused":
            return False
        await self._hold(Stop(name, time.monotonic(), FOREVER, asked), f"/campaigns/{ordered.id}/resume", seconds)
        return True

    async def kill_switch(self, seconds: float) -> bool:
        """Whether everything stood still."""
        asked, answer = time.monotonic(), await self.order("/stop")
        if answer.status_code != 200:
            return False
        await self._hold(Stop(None, time.monotonic(), FOREVER, asked), "/start", seconds)
        return True

    async def _hold(self, stop: Stop, release: str, seconds: float) -> None:
        place, stops = len(self.orders.stops), self.orders.stops
        stops.append(stop)
        await asyncio.sleep(seconds)
        stops[place] = replace(stop, until=time.monotonic(), released=FOREVER)
        await self.order(release)
        stops[place] = replace(stops[place], released=time.monotonic())

    async def cancel(self, name: str) -> bool:
        """Whether it was called off."""
        ordered, asked = await self._launched(name), time.monotonic()
        if ordered is None or (await self.order(f"/campaigns/{ordered.id}/cancel")).status_code != 200:
            return False
        self.orders.stops.append(Stop(name, time.monotonic(), FOREVER, asked))
        self.orders.campaigns[name] = replace(ordered, cancelled=True)
        return True

    async def press_twice(self, name: str) -> None:
        """Hand the links out on paper; whoever has no other way presses for all his groups, twice at once, and once
        more."""
        ordered = await self._launched(name)
        if ordered is None:
            return
        links = (await self.order(f"/campaigns/{ordered.id}/links")).json().get("items", [])
        on_paper = [link for link in links if link["leader"] in self._on_paper]
        for link in on_paper:
            token = link["url"].rsplit("/r/", 1)[1]
            self.orders.pressed.add(link["leader"])
            press = [self.ask("POST", f"/hooks/ack/{token}/all", json={"action": "done"}) for _ in range(2)]
            await asyncio.gather(*press)
            await self.ask("POST", f"/hooks/ack/{token}/all", json={"action": "done"})

    async def settle(self, standing: frozenset[tuple[str, str]]) -> int:
        """Settle every second uncertain announcement, as `standing` (campaign, group) shows it; answers how many."""
        settled = 0
        for ordered in self.orders.campaigns.values():
            unsure = await self.items(f"/campaigns/{ordered.id}/deliveries?state=uncertain")
            for one in [each for each in unsure if each["kind"] == "announcement"][::2]:
                outcome = "sent" if (ordered.name, one["group_name"]) in standing else "not_sent"
                body = {"outcome": outcome, "note": "looked into the group"}
                answer = await self.ask("POST", f"/api/v1/deliveries/{one['id']}/resolve", json=body)
                settled += answer.status_code == 200
        return settled

    async def _launched(self, name: str) -> Ordered | None:
        """This campaign, as soon as it is launched: on a busy machine that takes its time."""
        deadline, found = time.monotonic() + self._patience_s, self.orders.campaigns.get(name)
        while found is None and time.monotonic() < deadline:
            await asyncio.sleep(_PAUSE_S)
            found = self.orders.campaigns.get(name)
        return found

    async def _control(self, campaign: str) -> str:
        return str((await self.ask("GET", f"/api/v1/campaigns/{campaign}")).json()["control"])

    async def _runs(self, campaign: str) -> bool:
        return await self._control(campaign) in {"running", "paused"}
