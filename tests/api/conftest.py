"""The API in this process: a Kit on both databases, a client, and a key of every role."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from app.channels.registry import channels
from app.core.addresses import Guard
from app.core.clock import ManualClock
from app.core.db import Database
from app.core.http import HttpClient
from app.core.jobs import RecordingQueue
from app.core.secrets import Vault
from app.core.settings import Settings
from app.domain.access import service
from app.domain.access.states import Role
from app.flows.kit import Kit
from tests.application import application

Headers = dict[str, str]
ALLOWED = ("127.0.0.1", "localhost", "self-hosted.example:8443")


@dataclass(frozen=True)
class Tenant:
    """A center and a key of every role: `tenant.owner` is a ready Authorization header."""

    center_id: str
    owner: Headers
    operator: Headers
    approver: Headers
    viewer: Headers

    def of(self, role: Role) -> Headers:
        found: Headers = getattr(self, role.value)
        return found


@pytest.fixture
async def kit(
    db: Database, database_url: str, clock: ManualClock, queue: RecordingQueue, tmp_path: Path
) -> AsyncIterator[Kit]:
    settings = Settings(database_url=SecretStr(database_url), data_dir=tmp_path, allowed_hosts=ALLOWED, _env_file=None)
    http = HttpClient(Guard(frozenset(ALLOWED)))
    vault = Vault([Fernet.generate_key().decode()])
    yield Kit(settings=settings, db=db, clock=clock, queue=queue, vault=vault, http=http, channels=channels())
    await http.close()


@pytest.fixture
async def client(kit: Kit) -> AsyncIterator[httpx.AsyncClient]:
    """Speaks to the whole application; an exception that leaves it fails the test."""
    with application(kit) as app:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://muster.test") as opened:
            yield opened


async def tenant_of(kit: Kit, name: str) -> Tenant:
    async with kit.db.write() as tx:
        center = await service.create_center(tx, name, actor="test")
        headers = {}
        for role in Role:
            key = await service.create_key(tx, center.id, name=role.value, role=role, actor="test")
            headers[role.value] = {"Authorization": f"Bearer {key.token}"}
    return Tenant(center.id, **headers)


@pytest.fixture
async def tenant(kit: Kit) -> Tenant:
    """The center under test."""
    return await tenant_of(kit, "here")


@pytest.fixture
async def stranger(kit: Kit) -> Headers:
    """The owner key of another center."""
    return (await tenant_of(kit, "elsewhere")).owner


@pytest.fixture
def owner(tenant: Tenant) -> Headers:
    return tenant.owner


@pytest.fixture
def operator(tenant: Tenant) -> Headers:
    return tenant.operator


@pytest.fixture
def approver(tenant: Tenant) -> Headers:
    return tenant.approver


@pytest.fixture
def viewer(tenant: Tenant) -> Headers:
    return tenant.viewer


Pointers = Callable[[httpx.Response], set[str]]


@pytest.fixture
def pointers() -> Pointers:
    """The fields a problem document names; fails for anything but a whole problem document."""

    def read(response: httpx.Response) -> set[str]:
        assert response.headers["content-type"] == "application/problem+json", response.text
        problem = response.json()
        assert problem["status"] == response.status_code
        assert problem["type"] == "about:blank"
        assert problem["title"]
        assert problem["code"]
        assert problem["detail"]
        return {error["pointer"] for error in problem.get("errors", [])}

    return read
