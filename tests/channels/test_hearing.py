"""What platforms tell by themselves: each request means what its row says, and is refused where it is not proven."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from app.channels.adapters.feishu_app import FeishuApp
from app.channels.adapters.slack_app import SlackApp
from app.channels.adapters.telegram import Telegram
from app.channels.adapters.webhook import Webhook
from app.channels.adapters.wecom_app import WeComApp
from app.channels.inbound import Call, Hearing, Refusal
from tests.channels import matrix_told
from tests.channels.callers import Case, at, feishu_sealed, later, slack, telegram, webhook, wecom, with_header
from tests.channels.harness import CANARY
from tests.channels.matrix_told import MATRIX
from tests.channels.tells import FEISHU, SLACK, TELEGRAM, TELLS, WEBHOOK, WECOM, feishu_event, webhook_event

CASES = (*TELLS, *matrix_told.TELLS)
STAMPED = [case for case in CASES if case.signed_at]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_a_platform_tells(case: Case) -> None:
    heard = case.channel.hear(case.call)
    assert isinstance(heard, Hearing), heard
    assert (tuple(heard.told), heard.answer) == (case.told, case.answer)


@pytest.mark.parametrize("case", STAMPED, ids=str)
def test_an_old_or_a_future_stamp_is_refused(case: Case) -> None:
    for seconds, taken in ((299, True), (301, False), (-299, True), (-301, False)):
        assert isinstance(case.channel.hear(later(case.call, seconds=seconds)), Hearing) is taken, seconds


def _forged(call: Call) -> Sequence[Call]:
    """The same request as somebody without the secret could make it."""
    changed = [replace(call, body=call.body[:-2] + b" " + call.body[-2:])] if call.body and call.headers else []
    changed += [
        replace(call, headers={**call.headers, name: value}) for name in call.headers for value in ("", "v1,é", "0")
    ]
    changed += [replace(call, query={**call.query, name: value}) for name in call.query for value in ("", "é", "0")]
    return changed


FORGEABLE = [case for case in CASES if case.call.headers or case.call.query]


@pytest.mark.parametrize("case", FORGEABLE, ids=str)
def test_a_forged_request_is_refused_and_nothing_of_the_secret_is_told(case: Case) -> None:
    sealed_challenge = case.channel is FEISHU and case.answer != ""  # Feishu seals its challenge and signs it not
    plain_token = case.channel in (TELEGRAM, MATRIX)  # its token proves the sender, not the body
    for forged in _forged(case.call):
        heard = case.channel.hear(forged)
        if isinstance(heard, Hearing):
            assert sealed_challenge or (plain_token and forged.body != case.call.body)
            continue
        assert isinstance(heard, Refusal)
        assert not any(secret in repr((heard, forged)) for secret in case.call.secret.values() if len(secret) > 3)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_without_a_secret_nobody_is_believed(case: Case) -> None:
    assert isinstance(case.channel.hear(replace(case.call, secret={})), Refusal)
    empty = dict.fromkeys(case.call.secret, "")
    assert isinstance(case.channel.hear(replace(case.call, secret=empty)), Refusal)


@pytest.mark.parametrize(
    "channel", [TELEGRAM, SLACK, FEISHU, WECOM, WEBHOOK], ids=lambda channel: type(channel).__name__
)
@pytest.mark.parametrize(
    "body", [b"", b"\x00\xff", b"[" * 100_000, b'{"encrypt": 5}', b"<xml><Encrypt>AAAA</Encrypt></xml>"]
)
def test_nonsense_is_refused(channel: Telegram | SlackApp | FeishuApp | WeComApp | Webhook, body: bytes) -> None:
    secret = dict.fromkeys((*channel.account_secret, *channel.optional_secret), CANARY)
    for method in ("GET", "POST", "PUT"):
        assert isinstance(channel.hear(Call(at(), method, {}, {}, body, secret)), Refusal)


def test_a_second_signature_is_as_good_as_the_first_and_a_third_may_be_nonsense() -> None:
    call = webhook_event("delivery.delivered", delivery="dlv_1")
    right = call.headers["webhook-signature"]
    for given in (f"v1,bm9uc2Vuc2U= {right}", f"{right} v1a,whatever", f"{right} {right}"):
        assert isinstance(WEBHOOK.hear(with_header(call, "webhook-signature", given)), Hearing)
    for given in (f"{right}x", right.removeprefix("v1,"), right.replace("v1,", "v2,"), right.replace(" ", ",")[:-1]):
        assert isinstance(WEBHOOK.hear(with_header(call, "webhook-signature", given)), Refusal)


def test_the_secret_that_was_rotated_away_does_not_count() -> None:
    old = webhook({"type": "delivery.read", "data": {"delivery": "dlv_1"}}, secret="whsec_MDEyMzQ1Njc4OWFiY2RlZg==")
    assert isinstance(WEBHOOK.hear(old), Refusal)
    assert isinstance(SLACK.hear(slack({"type": "url_verification"}, secret="other")), Refusal)
    assert isinstance(TELEGRAM.hear(telegram({"update_id": 1}, token="other")), Refusal)


def test_both_of_feishus_proofs_must_hold_where_the_account_has_both() -> None:
    good = feishu_sealed(feishu_event("im.chat.disbanded_v1", chat_id="oc_1"))
    assert isinstance(FEISHU.hear(good), Hearing)
    other = feishu_sealed(feishu_event("im.chat.disbanded_v1", token="xx", chat_id="oc_1"))
    assert isinstance(FEISHU.hear(other), Refusal)
    assert isinstance(FEISHU.hear(feishu_sealed({"type": "url_verification", "token": "vt"}, key="other")), Refusal)


def test_wecom_does_not_open_what_is_meant_for_another_company() -> None:
    assert isinstance(WECOM.hear(wecom("4711", method="GET", receiver="ww0000000000000000")), Refusal)
