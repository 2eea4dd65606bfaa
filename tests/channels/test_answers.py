"""The one harness: every row of every channel's table, served by a real server through the real client.

A new channel brings its `test_<platform>.py` with a BENCH and stands here by one line.
"""

import pytest

from app.channels.port import Verdict
from app.channels.registry import channels
from tests.channels import test_matrix, test_telegram, test_webhook, test_wecom
from tests.channels.harness import Answer, Bench, as_expected, holds_no_secret

BENCHES = (
    test_telegram.BENCH,
    test_wecom.BENCH,
    test_matrix.BENCH,
    test_webhook.BENCH,
)
ROWS = [pytest.param(bench, row, id=f"{bench}: {row}") for bench in BENCHES for row in bench.answers]


def test_every_channel_is_on_the_bench() -> None:
    assert {bench.channel.name for bench in BENCHES} == set(channels())


@pytest.mark.parametrize("bench", BENCHES, ids=str)
def test_every_kind_of_verdict_that_can_happen_is_in_the_table(bench: Bench) -> None:
    everywhere = {Verdict.SENT, Verdict.THROTTLED, Verdict.AMBIGUOUS, Verdict.TARGET_GONE, Verdict.CONTENT_REFUSED}
    assert everywhere <= {row.verdict for row in bench.answers}


@pytest.mark.parametrize(("bench", "row"), ROWS)
async def test_the_answer_is_understood(bench: Bench, row: Answer) -> None:
    outcome, there = await bench.say(row.act)
    assert as_expected(outcome, row), outcome
    assert len(there.heard) == 1
    assert holds_no_secret(outcome, bench)
    assert outcome.detail.endswith((".", "…"))
