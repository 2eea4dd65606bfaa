"""The control API under /_sim: fixtures, faults, the clock, the leaders, and what was received."""

from dataclasses import asdict
from typing import Annotated

import httpx
from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from app.simulator.faults import Script
from app.simulator.leaders import Handed, Leaders, Person
from app.simulator.practice import Practice
from app.simulator.targets import Target
from app.simulator.tells import Tell, made


class Forward(BaseModel):
    """How far the limiters' clock is moved ahead."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    advance_s: Annotated[float, Field(ge=0, le=10**8)]


class People(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    people: list[Person]


class Paper(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    links: list[Handed]


class Targets(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    targets: list[Target]


router = APIRouter(prefix="/_sim")


def _practice(request: Request) -> Practice:
    found: Practice = request.app.state.practice
    return found


def _leaders(request: Request) -> Leaders:
    found: Leaders = request.app.state.leaders
    return found


At = Annotated[Practice, Depends(_practice)]
Who = Annotated[Leaders, Depends(_leaders)]


@router.get("/state")
async def state(practice: At, leaders: Who) -> dict[str, object]:
    return {
        **practice.receipts.counts(),
        "broken": practice.receipts.violations(),
        "clock": {"now": practice.now(), "ahead_s": practice.ahead_s},
        "targets": practice.fixtures.shown(),
        "dead_credentials": len(practice.fixtures.dead),
        "faults": practice.faults.shown(),
        "leaders_busy": leaders.busy,
    }


@router.get("/receipts")
async def receipts(
    practice: At, after: Annotated[int, Query(ge=0)] = 0, limit: Annotated[int, Query(ge=1, le=200_000)] = 200_000
) -> JSONResponse:
    return JSONResponse({"items": [asdict(receipt) for receipt in practice.receipts.after(after, limit=limit)]})


@router.get("/changes")
async def changes(practice: At) -> JSONResponse:
    """What became of messages after they stood."""
    return JSONResponse({"items": [asdict(change) for change in practice.changes]})


@router.post("/targets")
async def targets(practice: At, body: Target | Targets) -> dict[str, int]:
    given = body.targets if isinstance(body, Targets) else [body]
    for target in given:
        practice.fixtures.put(target)
    return {"targets": len(given)}


@router.post("/faults")
async def faults(practice: At, body: Script) -> dict[str, object]:
    practice.faults.add(body)
    return {"faults": practice.faults.shown()}


@router.delete("/faults")
async def no_faults(practice: At) -> dict[str, object]:
    practice.faults.clear()
    return {"faults": []}


@router.post("/clock")
async def clock(practice: At, body: Forward) -> dict[str, float]:
    practice.ahead_s += body.advance_s
    return {"now": practice.now(), "ahead_s": practice.ahead_s}


@router.get("/leaders")
async def who(leaders: Who) -> dict[str, object]:
    return leaders.shown()


@router.post("/leaders")
async def people(leaders: Who, body: People) -> dict[str, int]:
    leaders.put(body.people)
    return {"people": len(body.people)}


@router.post("/leaders/deliver")
async def paper(leaders: Who, body: Paper) -> dict[str, int]:
    return {"links": leaders.deliver(body.links)}


@router.post("/tell")
async def tell(body: Tell) -> dict[str, object]:
    """A platform tells something by itself: `request` is what it says, `statuses` what each time was answered."""
    request = made(body)
    if request is None:
        raise HTTPException(422, f"{body.platform} tells nothing of this kind")
    statuses: list[int] = []
    if body.url is not None:
        async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
            for _ in range(body.times):
                answer = await client.request(
                    request.method,
                    body.url + request.path,
                    params=request.query,
                    headers=request.headers,
                    content=request.body,
                )
                statuses.append(answer.status_code)
    return {"request": request.model_dump(), "statuses": statuses}
