"""What is given up without a refusal for good is found, whatever else its platform answered."""

from dataclasses import replace

import pytest

from tests.chaos.checker import check
from tests.chaos.sound import heard, in_ledger, row, sound
from tests.chaos.verdict import Fault

UNFINISHED = {
    "a throttle": ("telegram", "429"),
    "a robot's throttle": ("wecom", "45009"),
    "a receiver's throttle": ("webhook", "429"),
    "a receiver that is busy": ("webhook", "503"),
    "a broken server": ("webhook", "500"),
    "a broken box": ("telegram", "502"),
    "another network's page": ("wecom", "html"),
    "a lost line": ("wecom", "reset"),
    "a withdrawn token": ("telegram", "401 Unauthorized"),
    "a chat that has moved": ("telegram", "400 Bad Request: group chat was upgraded to a supergroup chat"),
}
REFUSALS = {
    "thrown out": ("telegram", "403 Forbidden: bot was kicked from the supergroup chat"),
    "no such chat": ("telegram", "400 Bad Request: chat not found"),
    "no such robot": ("wecom", "93000"),
    "a text that is not taken": ("wecom", "44004"),
    "a receiver that forbids it": ("webhook", "403"),
    "a signature that is refused": ("webhook", "401 no matching signature"),
    "a receiver that has moved": ("webhook", "302"),
}


@pytest.mark.parametrize("name", [*UNFINISHED, *REFUSALS])
def test_only_a_refusal_for_good_is_a_cause_to_give_up(name: str) -> None:
    platform, answer = (UNFINISHED | REFUSALS)[name]
    words = "Chaos c1: please read this, T."
    told = heard(9, 102, "T", words, accepted=False, platform=platform, answer=answer)
    failed = in_ledger("deliveries", row(0, state="failed"))(sound())
    facts = replace(failed, receipts=[told, *failed.receipts[1:]])
    found = {finding.fault for finding in check(facts)}
    assert (Fault.LOST in found) == (name in UNFINISHED)
