"""The one harness: every row of every channel's table, served by a real server through the real client.

A new channel brings its `test_<platform>.py` with a BENCH and stands here by one line.
"""

import pytest

from app.channels.port import Verdict
from app.channels.registry import channels
from tests.channels import (
    test_dingtalk,
    test_discord,
    test_discord_bot,
    test_feishu,
    test_feishu_app,
    test_googlechat,
    test_matrix,
    test_mattermost,
    test_mattermost_app,
    test_slack,
    test_slack_app,
    test_teams,
    test_telegram,
    test_webhook,
    test_wecom,
    test_wecom_app,
    test_wecom_customers,
    test_zulip,
)
from tests.channels.harness import Answer, Bench, as_expected, holds_no_secret

BENCHES = (
    test_telegram.BENCH,
    test_wecom.BENCH,
    test_webhook.BENCH,
    test_matrix.BENCH,
    test_slack.BENCH,
    test_slack_app.BENCH,
    test_discord.BENCH,
    test_discord_bot.BENCH,
    test_mattermost.BENCH,
    test_mattermost_app.BENCH,
    test_zulip.BENCH,
    test_googlechat.BENCH,
    test_teams.BENCH,
    test_dingtalk.BENCH,
    test_feishu.BENCH,
    test_feishu_app.BENCH,
    test_wecom_app.BENCH,
    test_wecom_customers.BENCH,
)
OWN_LINES = {"email", "apprise"}
"""Channels that speak no HTTP; their own files hold their tables."""
ROWS = [pytest.param(bench, row, id=f"{bench}: {row}") for bench in BENCHES for row in bench.answers]


def test_every_channel_is_on_the_bench() -> None:
    assert {bench.channel.name for bench in BENCHES} | OWN_LINES == set(channels())


@pytest.mark.parametrize("bench", BENCHES, ids=str)
def test_every_kind_of_verdict_that_can_happen_is_in_the_table(bench: Bench) -> None:
    everywhere = {
        bench.good.verdict,
        Verdict.THROTTLED,
        Verdict.AMBIGUOUS,
        Verdict.TARGET_GONE,
        Verdict.CONTENT_REFUSED,
    }
    assert everywhere <= {row.verdict for row in bench.answers}


@pytest.mark.parametrize(("bench", "row"), ROWS)
async def test_the_answer_is_understood(bench: Bench, row: Answer) -> None:
    outcome, there = await bench.say(row.act)
    assert as_expected(outcome, row), outcome
    assert len(there.heard) == 1
    assert holds_no_secret(outcome, bench)
    assert outcome.detail.endswith((".", "…"))
