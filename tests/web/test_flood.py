"""A flood of wrong links costs the database one small look each, a press two, and never a write: as much when the
limiter has engaged as before."""

import secrets
import string

import httpx
import pytest

from tests.builders.relays import Handed

FLOOD = 30
LETTERS = string.ascii_letters + string.digits


def _like(known: str) -> str:
    """Well formed, and nobody's."""
    return "".join(secrets.choice(LETTERS) for _ in known)


@pytest.mark.parametrize("base", ["/r", "/hooks/ack"])
@pytest.mark.parametrize(("method", "looks"), [("GET", 1), ("POST", 2)])
@pytest.mark.parametrize("known", [True, False])
async def test_a_wrong_link_costs_a_look_and_no_write(
    client: httpx.AsyncClient, world: Handed, statements: list[str], *, base: str, method: str, looks: int, known: bool
) -> None:
    kind, public_id, secret = world.token.split("_")
    wrong = [f"{kind}_{public_id if known else _like(public_id)}_{_like(secret)}" for _ in range(FLOOD)]
    said, asked = [], []
    for token in wrong:
        statements.clear()
        path = f"{base}/{token}" if method == "GET" else f"{base}/{token}/relays/{world.relays[0]}"
        answer = await client.request(method, path, json={"action": "done"} if method == "POST" else None)
        said.append(answer.status_code)
        assert "BEGIN IMMEDIATE" not in statements, "it waited for the writers"
        asked.append([one for one in statements if one != "BEGIN"])
    assert (said[0], said[-1], set(said)) == (404, 429, {404, 429})
    assert {len(some) for some in asked} == {looks}
    assert {one.split()[0] for some in asked for one in some} == {"SELECT"}
