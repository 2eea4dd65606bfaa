"""Everybody presses in the same moment: each is answered, each word counts once, and what was answered stands, even
when the process is killed in the middle. `PRESSES=10000` presses as often as the goal asks for."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Sequence

import httpx
import pytest
from sqlmodel import col, select

from app.core.audit import AuditEntry
from app.core.db import Database
from app.core.journal import JournalLine
from app.domain.relays.states import State
from app.domain.relays.tables import Confirmation, Relay
from tests.builders.crowd import Press, crowd
from tests.serving import Server, serving

PRESSES = int(os.environ.get("PRESSES", "300"))
DONE = {"action": "done"}


@pytest.fixture
async def now(database_url: str) -> AsyncIterator[Database]:
    """The database by the clock that the server's process goes by."""
    database = Database(database_url)
    yield database
    await database.close()


async def _press(client: httpx.AsyncClient, press: Press) -> httpx.Response | None:
    """The answer, or None where there was none."""
    try:
        return await client.post(press.path, json=DONE)
    except httpx.TransportError:
        return None


async def _recorded(db: Database) -> tuple[set[str], Counter[str], Counter[str]]:
    """The relays that are done, and how many journal lines and audit entries say so of each."""
    async with db.read() as tx:
        done = await tx.all(select(Relay.id).where(Relay.state == State.RELAYED))
        lines = await tx.all(select(JournalLine.subject_id).where(JournalLine.became == "relayed"))
        deeds = await tx.all(select(AuditEntry.subject).where(AuditEntry.action == "relay.done"))
    return set(done), Counter(lines), Counter(deeds)


@pytest.mark.timeout(120 + PRESSES // 20)
async def test_ten_thousand_press_at_once_and_half_of_them_twice(now: Database, database_url: str) -> None:
    presses = await crowd(now, PRESSES)
    twice = [*presses, *presses[::2]]
    async with serving("app.main", database_url, connections=len(twice), timeout_s=300) as (client, _):
        client.headers["connection"] = "close"  # each presses on a phone of his own
        answers = await asyncio.gather(*(_press(client, press) for press in twice))
    assert Counter(answer.status_code if answer else 0 for answer in answers) == {200: len(twice)}
    bodies = [answer.json() for answer in answers if answer]
    assert {body["state"] for body in bodies} == {"relayed"}
    once = Counter(press.relay_id for press in presses)
    assert Counter(body["id"] for body in bodies if body["changed"]) == once
    assert await _recorded(now) == (set(once), once, once)
    async with now.read() as tx:
        words = await tx.all(select(col(Confirmation.relay_id)))
    assert Counter(words) == Counter(press.relay_id for press in twice), "every word is kept"


async def test_what_was_answered_is_kept_when_the_process_is_killed(now: Database, database_url: str) -> None:
    presses = await crowd(now, 400)
    answered: list[str] = []

    async def press(some: Sequence[Press], server: Server) -> None:
        for one in some:
            answer = await _press(client, one)
            if answer is None:
                return
            assert answer.status_code == 200
            answered.append(one.relay_id)
            if len(answered) == 100:
                server.kill()

    async with serving("app.main", database_url) as (client, server):
        await asyncio.gather(*(press(presses[first::20], server) for first in range(20)))
    done, lines, deeds = await _recorded(now)
    assert set(answered) <= done
    assert len(answered) < len(presses), "it was killed in the middle"
    assert lines == deeds == Counter(done)


@pytest.mark.parametrize("whole", [False, True], ids=["one", "all"])
async def test_one_bad_word_does_not_fail_the_others(now: Database, database_url: str, whole: bool) -> None:
    """Forged, foreign and repeated words come in between the good ones; each gets what it deserves."""
    presses = await crowd(now, 40)
    forged = [Press(one.token[:-1] + ("a" if one.token[-1] != "a" else "b"), one.relay_id) for one in presses[:5]]
    foreign = [Press(one.token, two.relay_id) for one, two in zip(presses[:5], presses[5:10], strict=True)]
    async with serving("app.main", database_url) as (client, _):

        async def good(press: Press) -> httpx.Response:
            path = f"/hooks/ack/{press.token}/all" if whole else press.path
            return await client.post(path, json=DONE)

        bad = asyncio.gather(*(client.post(one.path, json=DONE) for one in (*forged, *foreign)))
        answers = await asyncio.gather(*map(good, presses))
        assert {answer.status_code for answer in await bad} == {404}
    assert {answer.status_code for answer in answers} == {200}
    once = Counter(press.relay_id for press in presses)
    assert await _recorded(now) == (set(once), once, once)
