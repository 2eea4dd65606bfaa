"""Whatever the ledger says of tasks is said in Chinese on a Chinese page, and comes through whole on an English one."""

import re
from datetime import UTC, datetime

import pytest

from app.channels.adapters.wecom_customers import FATES
from app.channels.tasks import Fate
from app.domain.planning.rules import Problem
from app.flows.ask import NO_ACCOUNT, NO_OWNER, NO_QUOTA
from app.flows.asked import LEFT_OUT
from app.flows.nudge_owners import ENOUGH
from app.flows.withdraw import NOT_NEEDED, STOPPED
from app.web.reader import Reader

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
WHY = [NO_ACCOUNT, NO_OWNER, NO_QUOTA, LEFT_OUT]
WHY += [detail.rstrip(".") for fate, detail in FATES.values() if fate is Fate.FAILED]
REASONS = [
    *WHY,
    *(f"{why}: its leader is asked by link" for why in WHY),
    *(f"the task is withdrawn from its owner: {why}" for why in (STOPPED, NOT_NEEDED)),
    ENOUGH,
    Problem.NO_OWNER.value,
    Problem.NO_QUOTA.value,
    "王芳 was asked by the platform itself to send it",
    "王芳 was asked by the platform itself to send it (it was found in its list)",
    "the platform says that 王芳 sent it",
    "nobody can know whether its owner was asked (timeout)",
    "its platform did not ask its owner (40003): its leader is asked by link",
    "the task could not be withdrawn (-1): its owner may still send it",
    "the task was withdrawn; its owner is asked anew when the campaign goes on",
]


@pytest.mark.parametrize("reason", REASONS)
def test_what_became_of_a_task_is_said_in_the_readers_language(reason: str) -> None:
    said = Reader("zh", UTC, NOON, "").reason(reason)
    assert re.search("[a-z]{2}", said) is None, said
    english = Reader("en", UTC, NOON, "").reason(reason)
    assert re.search("[a-z]{2}", english)
    assert "{" not in english
