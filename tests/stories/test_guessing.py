"""Whoever only looks confirms nothing, and a token that is not quite right opens nothing. `python -m bench guessing`
does the same a million and ten million times."""

from collections.abc import AsyncIterator

import pytest

from app.core.db import Database
from tests.builders.crowd import Press, crowd
from tests.builders.mutants import LOOKS, dead_tokens, everything, look, mutants, opened
from tests.serving import serving


@pytest.fixture
async def now(database_url: str) -> AsyncIterator[Database]:
    """The database by the clock that the server's process goes by."""
    database = Database(database_url)
    yield database
    await database.close()


async def test_looks_and_mutants_change_nothing(now: Database, database_url: str) -> None:
    presses, strangers = await crowd(now, 20), await crowd(now, 20)
    dead = await dead_tokens(now, presses)
    wrong = [*mutants(presses, 4_000, seed=1), *dead]
    assert await opened(now, wrong) == []
    good = [press.token for press in presses]
    assert sorted(key.token for key in await opened(now, [*wrong, *good])) == sorted(good), (
        "the same reader opens these"
    )
    async with serving("app.main", database_url) as (client, _):
        before = await everything(now)
        seen = {await look(client, presses[number % 20], number) for number in range(len(LOOKS) * 8)}
        assert seen == {200, 405}, "a page, or no such method"
        for tokens in (wrong[:40], dead, [press.token for press in strangers]):
            tried = [Press(token, presses[place % 20].relay_id) for place, token in enumerate(tokens)]
            said = {(await client.post(one.path, json={"action": "done"})).status_code for one in tried}
            assert said <= {404, 405, 429}, "the answer to noise"
        assert await everything(now) == before
        for press in presses:  # what the looks and the noise left behind still opens
            assert (await client.post(press.path, json={"action": "done"})).json()["changed"]
