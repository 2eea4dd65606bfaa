"""Every route says what it asks of a key, and every key is held to it: a matrix made from the routes themselves."""

from collections.abc import Iterator
from dataclasses import dataclass

import httpx
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from app.domain.access.states import DUTIES, Duty, Role
from app.main import create_app
from tests.api.conftest import Headers, Tenant, client, kit, owner, stranger, tenant
from tests.builders.board import HTML, Operator

__all__ = ["client", "kit", "owner", "stranger", "tenant"]  # fixtures

API = "/api/v1"
WITHOUT_KEY = {"/healthz", "/readyz", "/metrics", "/docs", "/docs/oauth2-redirect", "/openapi.json", "/static"}
LINKS = ("/r/", "/g/", "/i/", "/s/", "/hooks/ack/")  # the token in the path is the key
DOORS = {"/signin", "/signin/{token}", "/language"}  # for those who are not signed in yet
OWN = {"/signout", "/signout/everywhere"}  # end what is one's own
CALLBACKS = f"{API}/receipts/"  # the platform's own signature is the key
SAVES_NOTHING = ("/preflight", "/preview")
PREFIXES = {
    "absence_id": "abs",
    "account_id": "acc",
    "assignment_id": "asg",
    "audience_id": "aud",
    "branch_id": "brn",
    "campaign_id": "cmp",
    "delivery_id": "dlv",
    "group_id": "grp",
    "import_id": "imp",
    "invitation_id": "inv",
    "key_id": "key",
    "picture_id": "pic",
    "leader_id": "ldr",
    "relay_id": "rel",
    "webhook_id": "whk",
    "share_id": "shr",
}


@dataclass(frozen=True)
class Called:
    """One method of one route, with unknown ids in its path."""

    method: str
    template: str
    duty: Duty | None

    @property
    def path(self) -> str:
        parts = [part[1:-1] if part.startswith("{") else None for part in self.template.split("/")]
        unknown = [
            f"{PREFIXES[name]}_{'0' * 26}" if name in PREFIXES else "unknown" if name else None for name in parts
        ]
        return "/".join(new or old for new, old in zip(unknown, self.template.split("/"), strict=True))

    @property
    def changes(self) -> bool:
        return self.method not in {"GET", "HEAD"} and not self.template.endswith(SAVES_NOTHING)


def _duties(dependant: Dependant) -> Iterator[Duty]:
    found = getattr(dependant.call, "duty", None)
    if isinstance(found, Duty):
        yield found
    for inner in dependant.dependencies:
        yield from _duties(inner)


def _calls(app: FastAPI) -> list[Called]:
    found: list[Called] = []
    for route in iter_route_contexts(app.routes):
        duties = list(_duties(route.dependant)) if getattr(route, "dependant", None) else []
        assert len(set(duties)) <= 1, f"{route.path} asks for several duties"
        duty = duties[0] if duties else None
        found.extend(Called(method, str(route.path), duty) for method in sorted(route.methods or {"GET"}))
    return found


def _guarded() -> list[Called]:
    calls = _calls(create_app())
    return [call for call in calls if call.template.startswith(API) and not call.template.startswith(CALLBACKS)]


def _pages() -> list[Called]:
    return [call for call in _calls(create_app()) if call.duty and not call.template.startswith(API)]


def test_every_route_declares_its_duty() -> None:
    undeclared = {call.template for call in _calls(create_app()) if call.duty is None}
    assert {path for path in undeclared if not path.startswith((*LINKS, CALLBACKS))} <= WITHOUT_KEY | DOORS


def test_nothing_changes_for_readers() -> None:
    calls = [call for call in (*_guarded(), *_pages()) if call.changes and call.duty is Duty.READ]
    assert {call.template for call in calls} == OWN


def test_the_routes_of_the_contract_are_there() -> None:
    there = {(call.method, call.template.removeprefix(API)) for call in _guarded()}
    assert there >= {
        ("POST", "/accounts"),
        ("GET", "/accounts"),
        ("PATCH", "/accounts/{account_id}"),
        ("POST", "/keys"),
        ("GET", "/keys"),
        ("DELETE", "/keys/{key_id}"),
        ("GET", "/audit"),
    }


async def _call(client: httpx.AsyncClient, call: Called, headers: Headers | None = None) -> httpx.Response:
    body = {} if call.method in {"POST", "PATCH", "PUT"} else None
    return await client.request(call.method, call.path, headers=headers, json=body)


async def test_without_a_key_every_route_is_closed(client: httpx.AsyncClient) -> None:
    for call in _guarded():
        for headers in (None, {"Authorization": "Bearer mk_unknown"}):
            answer = await _call(client, call, headers)
            assert answer.status_code == 401, f"{call}: {answer.text}"
            assert answer.headers["content-type"] == "application/problem+json"


async def test_every_role_is_held_to_its_duties(client: httpx.AsyncClient, tenant: Tenant) -> None:
    for call in _guarded():
        assert call.duty is not None
        for role in Role:
            if call.duty in DUTIES[role]:
                continue
            answer = await _call(client, call, tenant.of(role))
            assert answer.status_code == 403, f"{role} {call}: {answer.text}"
            assert answer.headers["content-type"] == "application/problem+json"


async def test_every_role_passes_where_its_duties_reach(client: httpx.AsyncClient, tenant: Tenant) -> None:
    for call in _guarded():
        for role in Role:
            if call.duty in DUTIES[role]:
                answer = await _call(client, call, tenant.of(role))
                assert answer.status_code not in {401, 403}, f"{role} {call}: {answer.text}"
                assert answer.status_code < 500, f"{role} {call}: {answer.text}"


async def test_what_is_unknown_here_is_not_found(client: httpx.AsyncClient, owner: Headers) -> None:
    for call in _guarded():
        if "{" not in call.template:
            continue
        answer = await _call(client, call, owner)
        expected = {404} if call.method in {"GET", "DELETE"} else {404, 422, 400}
        assert answer.status_code in expected, f"{call}: {answer.status_code} {answer.text}"


async def test_without_a_session_every_page_leads_to_the_door(client: httpx.AsyncClient) -> None:
    for call in _pages():
        client.cookies.set("muster", "ms_unknown")
        answer = await client.request(call.method, call.path, headers=HTML)
        assert answer.status_code == 303, f"{call}: {answer.text}"
        assert answer.headers["location"].startswith("/signin"), call


async def test_every_role_is_held_to_its_duties_on_the_pages_too(client: httpx.AsyncClient, tenant: Tenant) -> None:
    for role in Role:
        operator = Operator(client)
        await operator.sign_in(tenant.of(role)["Authorization"].removeprefix("Bearer "))
        for call in _pages():
            if call.template in OWN or call.template.endswith("/live"):
                continue
            sent = operator.look(call.path) if call.method == "GET" else operator.press(call.path)
            answer = await sent
            assert answer.status_code < 500, f"{role} {call}: {answer.text}"
            assert (answer.status_code == 403) == (call.duty not in DUTIES[role]), f"{role} {call}: {answer.text}"


async def test_no_page_acts_on_a_form_that_is_not_of_its_session(client: httpx.AsyncClient, tenant: Tenant) -> None:
    operator = Operator(client)
    await operator.sign_in(tenant.owner["Authorization"].removeprefix("Bearer "))
    for call in _pages():
        if call.changes:
            for token in ("", "0" * 40, "é"):
                answer = await operator.press(call.path, form_token=token)
                assert answer.status_code == 403, f"{call}: {answer.text}"
