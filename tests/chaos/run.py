"""One fault run from an empty folder to its verdict."""

import asyncio
import json
import pickle
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from app.simulator.receipts import Receipt
from tests.chaos.causes import excused
from tests.chaos.checker import check, fingerprint, recovery
from tests.chaos.facts import Facts, Leader, Ledger, Look
from tests.chaos.groups import View, every_group_has_its_row
from tests.chaos.head import Head, Unanswered
from tests.chaos.holders import watch_holders
from tests.chaos.house import House, house
from tests.chaos.ledger import read
from tests.chaos.scenario import Event, Scenario, announcement
from tests.chaos.story import nothing_is_stuck
from tests.chaos.strikes import Strikes
from tests.chaos.verdict import Verdict

_LOOK_S = 0.5
_UNFORESEEN = ("turn_failed", "chore_failed", "plan_failed", "sweep_failed", "adapter_broke", "ear_broke", "Traceback")


@dataclass
class Run:
    """A scenario under way. `database` is sqlite or postgres."""

    scenario: Scenario
    database: str
    house: House
    head: Head
    platform: httpx.AsyncClient
    strikes: Strikes
    looks: list[Look] = field(default_factory=list)

    async def play(self) -> None:
        """Let every event happen at its time, then bring everything to rest."""
        began, watching = time.monotonic(), asyncio.create_task(self.strikes.watch())
        looking = asyncio.create_task(watch_holders(self.house.database_url, self.looks))
        try:
            async with asyncio.TaskGroup() as group:
                for event in self.scenario.events:
                    group.create_task(self._at(began, event))
            await self._end()
        finally:
            watching.cancel()
            looking.cancel()
            await asyncio.wait([looking])  # it lets go of the database

    async def _end(self) -> None:
        (await self.platform.delete("/_sim/faults")).raise_for_status()
        await self._rest(time.monotonic() + self.scenario.patience_s)
        if self.scenario.settle:
            await self._settle()

    async def _at(self, began: float, event: Event) -> None:
        await asyncio.sleep(max(0.0, began + event.at - time.monotonic()))
        try:
            await self.strikes.strike(event)
        except Unanswered as error:
            self.strikes.broken.append(str(error))
        seconds = time.monotonic() - began
        _tell(f"{event.at:6.1f} to {seconds:5.1f} s  {event.kind} {event.campaign}{dict(event.what) or ''}")

    async def _rest(self, deadline: float) -> None:
        """Wait until nothing moves any more, or this moment."""
        moves, linger, took_s = True, min(deadline, time.monotonic() + self.scenario.linger_s), 0.0
        while moves and time.monotonic() < deadline:
            await asyncio.sleep(max(_LOOK_S, took_s))
            began = time.monotonic()
            moves = await self._moves(linger - began)
            took_s = time.monotonic() - began  # a large ledger takes seconds to read, and the house has work to do

    async def _moves(self, left_s: float) -> bool:
        ledger = await read(self.house.database_url, whole=False)
        soon = [row for row in ledger.deliveries if row.state == "due" and row.due_at > ledger.now]
        if any((row.due_at - ledger.now).total_seconds() < left_s for row in soon):
            return True
        if left_s > 0 and any(row.state == "sending" for row in ledger.deliveries):
            return True
        if left_s > 0 and (await self.platform.get("/_sim/state")).json()["leaders_busy"]:
            return True
        view = View(Facts(ledger, (), self.head.orders.told()))
        return bool([*nothing_is_stuck(view), *every_group_has_its_row(view)])

    async def _settle(self) -> None:
        standing = {announcement(one.text) for one in await self._receipts() if one.accepted}
        settled = await self.head.settle(frozenset(pair for pair in standing if pair))
        if settled:
            self.strikes.counts["settled"] = settled
            await self._rest(time.monotonic() + 20)

    async def _receipts(self) -> list[Receipt]:
        return [Receipt(**item) for item in (await self.platform.get("/_sim/receipts")).json()["items"]]

    async def facts(self) -> Facts:
        """Everything there is to judge."""
        epoch = time.time() - time.monotonic()
        ledger = await read(self.house.database_url)
        return Facts(
            ledger,
            await self._receipts(),
            self.head.orders.told(),
            stops=self.head.orders.stops,
            strikes=self.strikes.done,
            looks=self.looks,
            leaders=await self._leaders(),
            surfaced=await self._surfaced(ledger),
            epoch=epoch,
            broken=[*self.head.orders.broken, *self.strikes.broken, *_unforeseen(self.house)],
        )

    async def _leaders(self) -> list[Leader]:
        shown = (await self.platform.get("/_sim/leaders")).json()
        pressed = {(deed["platform"], deed["target"]) for deed in shown["deeds"] if not _looks(deed)}
        return [
            Leader(
                one.name,
                *one.target(),
                persona=one.persona,
                presses=int(one.target() in pressed) + int(one.name in self.head.orders.pressed),
            )
            for one in self.scenario.cast.people
        ]

    async def _surfaced(self, ledger: Ledger) -> frozenset[str]:
        """What a head would find by asking the API."""
        found: set[str] = set()
        for row in ledger.campaigns:
            found |= {one["relay_id"] for one in await self.head.items(f"/campaigns/{row.id}/missed")}
            found |= {one["id"] for one in await self.head.items(f"/campaigns/{row.id}/deliveries?state=uncertain")}
        return frozenset(found)


def _looks(deed: dict[str, Any]) -> bool:
    return str(deed["did"]).startswith(("looked", "previewed"))


def _unforeseen(place: House) -> list[str]:
    """Exceptions in the processes' logs that no part of the product foresaw."""
    return [
        f"The {program.name} met something nobody foresaw: {_short(line)}"
        for program in (place.api, *place.workers)
        for line in program.output.read_text(errors="replace").splitlines()
        if any(word in line for word in _UNFORESEEN)
    ]


def _short(line: str) -> str:
    try:
        said = json.loads(line)
    except ValueError:
        return line[:300]
    return f"{said.get('event')}: {str(said.get('exception') or said)[-300:]}"


def _tell(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")


async def run(
    scenario: Scenario, *, database: str, folder: Path, plant: str | None = None, in_flight: int = 8
) -> Verdict:
    """Play a scenario in this folder and judge it."""
    began = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - nothing else runs yet
    async with house(folder, database=database, workers=scenario.workers, plant=plant, in_flight=in_flight) as place:
        on_paper = [one.name for one in scenario.cast.people if one.contact == "none"]
        head = Head(place.api_url, place.key, on_paper=on_paper)
        platform = httpx.AsyncClient(base_url=place.platform_url, trust_env=False, timeout=30)
        async with head.api, platform:
            await _people_the_directory(head, platform, scenario, place.platform_url)
            running = Run(scenario, database, place, head, platform, Strikes(place, head, platform, scenario))
            await running.play()
            facts = await running.facts()
    (folder / "facts.pickle").write_bytes(pickle.dumps(facts))
    return judge(facts, running, seconds=time.monotonic() - began)


async def _people_the_directory(head: Head, platform: httpx.AsyncClient, scenario: Scenario, base: str) -> None:
    for account in scenario.cast.accounts:
        body: dict[str, object] = {"name": account.name, "platform": account.platform}
        if account.token:
            body |= {"base_url": base, "secret": {"bot_token": account.token}}
        (await head.ask("POST", "/api/v1/accounts", json=body)).raise_for_status()
    files = {"file": ("groups.csv", scenario.cast.sheet(base), "text/csv")}
    report = (await head.ask("POST", "/api/v1/imports", files=files, params={"dry_run": "false"})).json()
    if report["create"] != len(scenario.cast.groups) or report["errors"]:
        raise ValueError(f"the sheet was not taken whole: {report}")
    people = [
        {"platform": one.target()[0], "target": one.target()[1], "persona": one.persona, "delay_s": one.delay_s}
        for one in scenario.cast.people
        if one.contact != "none"
    ]
    (await platform.post("/_sim/leaders", json={"people": people})).raise_for_status()


def judge(facts: Facts, running: Run, *, seconds: float) -> Verdict:
    findings: Sequence[Any] = check(facts)
    return Verdict(
        seed=running.scenario.seed,
        database=running.database,
        groups=len(running.scenario.cast.groups),
        campaigns=len(facts.orders),
        faults=dict(sorted(running.strikes.counts.items())),
        uncertain=sum(row.state == "uncertain" for row in facts.ledger.deliveries),
        ended=dict(Counter(row.state for row in facts.ledger.deliveries if row.kind == "announcement")),
        posts=sum(one.accepted for one in facts.receipts),
        recovery_s=recovery(facts),
        receipts_hash=fingerprint(facts),
        seconds=round(seconds, 1),
        findings=findings,
        excused=len(excused(View(facts))),
    )
