"""The API process: the only file that knows every router."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any

import structlog
import uvicorn
from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp

from app.api import (
    absences,
    accounts,
    afterwards,
    approval,
    assignments,
    audit,
    branches,
    campaigns,
    center,
    control,
    deliveries,
    groups,
    health,
    heard,
    imports,
    invitations,
    keys,
    leaders,
    limits,
    pictures,
    problems,
    receipts,
    records,
    relays,
    scripts,
    step_in,
    stream,
    webhooks,
)
from app.api.again import Again
from app.api.edge import Edge
from app.api.heads import Bounded
from app.bootstrap import build_kit
from app.core import garbage, logs, readiness, unheard
from app.core.outages import is_outage
from app.core.settings import Settings, load
from app.core.signals import told_to_stop
from app.domain.access import service as access
from app.domain.scripts import service as scripts_library
from app.flows.kit import Kit
from app.web import ack, ack_branch, branch, invitation, pages, refusals, relay, shared, site

log = structlog.get_logger(__name__)

ROUTERS: tuple[APIRouter, ...] = (
    keys.router,
    audit.router,
    accounts.router,
    imports.router,
    branches.router,
    records.router,
    groups.router,
    leaders.router,
    invitations.router,
    assignments.router,
    absences.router,
    center.router,
    scripts.router,
    pictures.router,
    campaigns.router,
    afterwards.router,
    approval.router,
    stream.router,
    webhooks.router,
    limits.router,
    relays.router,
    step_in.router,
    deliveries.router,
    control.router,
    receipts.router,
    heard.router,
)
PAGES = (ack.presses, *(page.router for page in (ack, relay, ack_branch, health, shared, branch, invitation)))

BODY_CAP = 1_000_000
WIDER_CAPS = {"/imports": 60_000_000, "/pictures": 2_100_000}
WIDER_PAGES = {"/imports": 60_000_000, "/campaigns": 3_100_000}
FOLLOW_CLOCK_EVERY_S = 5.0
LOOK_FOR_SCHEMA_EVERY_S = 1.0
GRACE_S = 3
DESCRIPTION = "One campaign, every group, one truthful ledger. Errors are problem documents (RFC 9457)."


class Muster(FastAPI):
    """FastAPI inside our own skin, its OpenAPI document with our problem documents."""

    def build_middleware_stack(self) -> ASGIApp:
        return Edge(super().build_middleware_stack(), too_large=relay.too_large)

    def openapi(self) -> dict[str, Any]:
        return problems.with_problem(super().openapi())


def create_app(settings: Settings | None = None, kit: Kit | None = None) -> FastAPI:
    """The application. With a Kit it serves from that one; otherwise it builds its own while it lives.
    `state.stopping` is set as soon as the process is asked to end: open event streams end with it."""
    app = Muster(
        title="Muster",
        version="0.1.0",
        description=DESCRIPTION,
        lifespan=_lifespan(settings, kit),
        max_body_size=BODY_CAP,
        redoc_url=None,
        redirect_slashes=False,  # a redirect would be built from the Host header
    )
    app.state.stopping = asyncio.Event()
    if kit is not None:
        app.state.kit = kit
    for page in PAGES:  # first: a press on a relay link must not be compared with every other route
        app.include_router(page, responses=problems.RESPONSES)
    api = APIRouter(prefix="/api/v1", responses=problems.RESPONSES)
    for router in ROUTERS:
        api.include_router(router, max_body_size=WIDER_CAPS.get(router.prefix))
    app.include_router(api)
    for page in site.ROUTERS:
        app.include_router(page, include_in_schema=False, max_body_size=WIDER_PAGES.get(page.prefix))
    app.mount(pages.STATIC_PATH, pages.assets())
    problems.install(app)
    refusals.install(app)
    app.add_middleware(Again)
    return app


def _lifespan(settings: Settings | None, kit: Kit | None) -> Callable[[FastAPI], Any]:
    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            if kit is None:
                chosen = settings or load()
                logs.set_up(chosen.log_level, chosen.log_format)
                unheard.tell_outages()
                app.state.kit = await stack.enter_async_context(build_kit(chosen))
            stack.enter_context(told_to_stop(app.state.stopping))
            started = await _begun(app.state.kit)
            keeping = asyncio.create_task(_keep(app.state.kit, started=started))
            yield
            app.state.stopping.set()
            keeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeping

    return lifespan


async def _keep(kit: Kit, *, started: bool) -> None:
    """Follow the database's clock, and finish a first start that found no schema yet, or lost its database."""
    while True:
        await asyncio.sleep(FOLLOW_CLOCK_EVERY_S if started else LOOK_FOR_SCHEMA_EVERY_S)
        try:
            await kit.db.follow_clock()
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning("clock_not_followed", because=type(error).__name__)
        started = started or await _begun(kit)


async def _begun(kit: Kit) -> bool:
    """Whether the first start is done; a database that goes away in its middle does not end the process."""
    try:
        return await _first_start(kit)
    except Exception as error:
        if not is_outage(error):
            raise
        log.warning("start_interrupted", because=type(error).__name__)
        return False


async def _first_start(kit: Kit) -> bool:
    """Give an empty database its first center and key, and every center the prepared scripts as their files have them
    now. False while the schema is not there."""
    async with kit.db.read() as tx:
        current = await readiness.schema_is_current(tx)
    if not current:
        log.warning("schema_behind", remedy="run `muster migrate`; this process waits for it")
        return False
    async with kit.db.write() as tx:
        token = await access.first_start(tx)
    if token is not None:  # said before anything else can go wrong: it stands in no other place
        sys.stdout.write(f"operator key (shown once): {token}\n")
        sys.stdout.flush()
    await scripts_library.sync_library(kit.db)
    return True


def main() -> None:
    """Serve until SIGTERM or SIGINT, then exit with 0; 1 when it could not start."""
    settings = load()
    for name in (signal.SIGTERM, signal.SIGINT):
        # The server raises the signal once more when it has stopped: then this is what it meets.
        signal.signal(name, lambda *_: sys.exit(0))
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(settings),
            host=settings.host,
            port=settings.port,
            http=Bounded,
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=GRACE_S,
        )
    )
    garbage.spare_what_stands()
    server.run()
    sys.exit(0 if server.started else 1)


if __name__ == "__main__":
    main()
