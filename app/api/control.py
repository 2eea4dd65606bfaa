"""The kill switch of a center."""

from datetime import datetime

from fastapi import APIRouter

from app.api.deps import KitDep, Stopper
from app.api.shapes import Shape
from app.domain.access import service as access
from app.flows import control
from app.flows.kit import Kit

router = APIRouter(tags=["control"])


class CenterShape(Shape):
    id: str
    name: str
    stopped_at: datetime | None


@router.post("/stop")
async def stop(kit: KitDep, caller: Stopper) -> CenterShape:
    """Nothing of this center leaves from now on. Stopping twice is the same as once."""
    await control.stop(kit, caller)
    return await _center(kit, caller.center_id)


@router.post("/start")
async def start(kit: KitDep, caller: Stopper) -> CenterShape:
    await control.start(kit, caller)
    return await _center(kit, caller.center_id)


async def _center(kit: Kit, center_id: str) -> CenterShape:
    async with kit.db.read() as tx:
        return CenterShape.model_validate(await access.center(tx, center_id))
