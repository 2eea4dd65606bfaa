"""What surrounds every answer: headers, faults of our own, a database that is away, health, and the documentation."""

import httpx

from app.core.db import Database
from app.core.errors import Unavailable
from app.core.outages import is_outage
from app.flows.kit import Kit
from app.main import create_app
from tests.api.conftest import Headers, Pointers

KEYS, ACCOUNTS = "/api/v1/keys", "/api/v1/accounts"


async def test_every_answer_carries_the_security_headers(client: httpx.AsyncClient, owner: Headers) -> None:
    for path in ("/healthz", KEYS, "/api/v1/none", "/openapi.json"):
        headers = (await client.get(path, headers=owner)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "access-control-allow-origin" not in headers


async def test_a_fault_of_ours_is_a_problem_without_detail(kit: Kit, owner: Headers, pointers: Pointers) -> None:
    app = create_app(kit=kit)

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("the password is hunter2")

    @app.get("/away")
    async def away() -> None:
        raise Unavailable("database_busy", "Try later.")

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://muster.test") as client:
        answer = await client.get("/broken")
        later = await client.get("/away")
    assert (answer.status_code, pointers(answer)) == (500, set())
    assert "hunter2" not in answer.text
    assert (later.status_code, later.headers["retry-after"]) == (503, "5")


async def test_a_database_that_is_away_is_a_503(kit: Kit, owner: Headers, pointers: Pointers, tmp_path: object) -> None:
    lost = {
        "sqlite": f"sqlite:///{tmp_path}/no/such/folder/muster.db",
        "postgresql": "postgresql://postgres@127.0.0.1:1/muster",
    }
    away = Database(lost[kit.db.dialect], clock=kit.clock)
    app = create_app(kit=Kit(**{**kit.__dict__, "db": away}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://muster.test") as client:
        answer = await client.get(KEYS, headers=owner)
        ready = await client.get("/readyz")
        alive = await client.get("/healthz")
    await away.close()
    assert (answer.status_code, pointers(answer)) == (503, set())
    assert (answer.json()["code"], answer.headers["retry-after"]) == ("database_unavailable", "5")
    assert (ready.status_code, ready.json()["database"]) == (503, "down")
    assert alive.status_code == 200
    assert not is_outage(ValueError("no"))


async def test_health_readiness_and_metrics_need_no_key(client: httpx.AsyncClient, owner: Headers) -> None:
    assert (await client.get("/healthz")).json() == {"status": "ok"}
    assert (await client.get("/readyz")).json() == {"status": "ready", "database": "ok", "redis": "none"}
    await client.get(f"{ACCOUNTS}/acc_{'0' * 26}", headers=owner)
    counted = (await client.get("/metrics")).text
    assert 'muster_http_requests_total{route="/accounts/{account_id}",status="404"}' in counted
    assert "acc_0" not in counted


async def test_every_operation_documents_its_errors(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    fields = document["components"]["schemas"]["Problem"]["properties"]
    assert set(fields) == {"type", "title", "status", "code", "detail", "errors"}
    for path, operations in document["paths"].items():
        for operation in operations.values():
            if path.startswith("/api/v1"):
                schema = operation["responses"]["4XX"]["content"]["application/problem+json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}
                assert "422" not in operation["responses"]
