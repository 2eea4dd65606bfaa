"""The kill switch, two clicks away from every page."""

from fastapi import APIRouter
from fastapi.responses import Response

from app.flows import control
from app.reports.today import standing
from app.web.desk import Desk, Stops

router = APIRouter()


@router.get("/ask/stop")
async def ask_stop(desk: Stops) -> Response:
    return await _ask(desk, "stop")


@router.get("/ask/start")
async def ask_start(desk: Stops) -> Response:
    return await _ask(desk, "start")


async def _ask(desk: Desk, what: str) -> Response:
    """What would happen, and to how much, before it does."""
    async with desk.kit.db.read() as tx:
        found = await standing(tx, desk.center_id)
    return desk.ask(
        what,
        action=f"/{what}",
        grave=what == "stop",
        campaigns=found.campaigns,
        waiting=found.waiting,
    )


@router.post("/stop")
async def stop(desk: Stops) -> Response:
    await control.stop(desk.kit, desk.caller)
    return desk.go("/", said="stopped")


@router.post("/start")
async def start(desk: Stops) -> Response:
    await control.start(desk.kit, desk.caller)
    return desk.go("/", said="started")
