"""Is the process alive, can it serve, and what has it counted: for supervisors and Prometheus, without a key."""

from typing import Literal

from fastapi import APIRouter, Response, status

from app.api.deps import KitDep
from app.api.shapes import Shape
from app.core import metrics, readiness
from app.core.jobs import ArqQueue
from app.core.outages import is_outage

router = APIRouter(tags=["health"])


class Health(Shape):
    status: Literal["ok"] = "ok"


class Readiness(Shape):
    """`ready` needs the database with the current schema. Without Redis the service is `degraded`: nothing is lost,
    the workers only look less often. It is degraded, too, for a minute after the database refused a write, because its
    disk is full or it only reads: pages can be read, nothing can be ordered, and nothing is sent."""

    status: Literal["ready", "degraded", "not_ready"]
    database: Literal["ok", "refuses_writes", "down", "schema_behind"]
    redis: Literal["ok", "down", "none"]


@router.get("/healthz")
async def alive() -> Health:
    """The process lives."""
    return Health()


@router.get("/readyz", responses={503: {"model": Readiness, "description": "Not ready; the body says why."}})
async def ready(kit: KitDep, response: Response) -> Readiness:
    """The database answers and its schema is the one this version needs."""
    database: Literal["ok", "refuses_writes", "down", "schema_behind"] = "down"
    try:
        async with kit.db.read() as tx:
            database = "ok" if await readiness.schema_is_current(tx) else "schema_behind"
    except Exception as error:
        if not is_outage(error):
            raise
    redis: Literal["ok", "down", "none"] = "none"
    if isinstance(kit.queue, ArqQueue):
        redis = "ok" if await kit.queue.alive() else "down"
    if database == "ok" and kit.db.refusals.lately:
        database = "refuses_writes"
    if database in {"down", "schema_behind"}:
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
        return Readiness(status="not_ready", database=database, redis=redis)
    limps = redis == "down" or database != "ok"
    return Readiness(status="degraded" if limps else "ready", database=database, redis=redis)


@router.get("/metrics", response_class=Response)
async def counted() -> Response:
    """What Prometheus reads."""
    return Response(metrics.exposition(), media_type=metrics.CONTENT_TYPE)
