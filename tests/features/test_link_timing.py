"""How long a refusal takes tells a stranger nothing: an id that exists costs what one costs that does not."""

import os
import random
import secrets
import statistics
import time

import pytest

from app.core.db import Database
from app.domain.links import service
from tests.builders import relays as build

pytestmark = pytest.mark.alone

SAMPLES = int(os.environ.get("LINK_TIMINGS", "1000"))
"""Of each kind; `LINK_TIMINGS=20000` for a long look."""
UNSEEN_S = 20e-6
"""A difference that no network shows. In the process SQLite's refusals differ by 1.2 of 92 microseconds: a row that is
there is read."""


def _wrong(kind: str, known: str, secret: str, which: str) -> str:
    """A token with a secret that is not the link's, under the link's own id or under one that nobody has."""
    public_id = "".join(random.sample(known, len(known))) if which == "unknown" else known[:]
    return f"{kind}_{public_id}_{secrets.token_hex(len(secret))[: len(secret)]}"


async def _took(db: Database, text: str) -> float:
    async with db.read(brief=True) as tx:
        began = time.perf_counter()
        assert await service.open_link(tx, text) is None
        return time.perf_counter() - began


@pytest.mark.timeout(60 + SAMPLES // 50)
async def test_a_wrong_secret_takes_as_long_as_an_unknown_id(db: Database) -> None:
    center_id = await build.center(db)
    campaign_id, leader_id = await build.campaign(db, center_id), await build.leader(db, center_id)
    kind, public_id, secret = (await build.link(db, center_id, campaign_id=campaign_id, leader_id=leader_id)).split("_")
    texts = [(which, _wrong(kind, public_id, secret, which)) for which in ("known", "unknown") for _ in range(SAMPLES)]
    random.shuffle(texts)
    for _, text in texts[:100]:  # what is done for the first time takes longer
        await _took(db, text)
    took: dict[str, list[float]] = {"known": [], "unknown": []}
    for which, text in texts:
        took[which].append(await _took(db, text))
    known, unknown = (statistics.median(some) for some in took.values())
    assert abs(known - unknown) < UNSEEN_S
