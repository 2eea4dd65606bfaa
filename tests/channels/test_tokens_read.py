"""What is read as a token, for how long it lives, and that none is shown."""

import pytest

from app.channels.adapters.tokens import account_of, lent
from app.core.logs import redact
from tests.channels.harness import CANARY


@pytest.mark.parametrize("text", [None, 1, "", "two words", "a\r\nb", "é", "x" * 9000, ["t"]])
def test_what_could_stand_in_no_header_is_no_token(text: object) -> None:
    assert lent(text, 7200) is None


@pytest.mark.parametrize(
    ("lives", "seconds"),
    [(7200, 7200), (60, 60), (10**400, 86_400), (0, 7200), (-5, 7200), (True, 7200), ("60", 7200), (None, 7200)],
)
def test_a_token_lives_as_long_as_a_sane_answer_says(lives: object, seconds: float) -> None:
    token = lent("t-one", lives)
    assert token is not None
    assert token.lives_s == seconds
    assert "t-one" not in repr(token)


def test_an_account_is_named_without_being_shown() -> None:
    assert CANARY not in account_of("https://open.feishu.cn", "cli_1", CANARY)
    assert account_of("a", "bc") != account_of("ab", "c")


@pytest.mark.parametrize(
    "text",
    [
        f"GET https://qyapi.weixin.qq.com/cgi-bin/gettoken?corpid={CANARY}&corpsecret={CANARY} broke",
        f"https://qyapi.weixin.qq.com/cgi-bin/message/send?access_token={CANARY}",
        f"https://oapi.dingtalk.com/robot/send?access_token={CANARY}&timestamp=1&sign={CANARY}",
        f"https://open.feishu.cn/open-apis/bot/v2/hook/{CANARY}",
        f"Bearer t-{CANARY}",
    ],
)
def test_no_log_repeats_a_token_or_an_address_that_holds_one(text: str) -> None:
    assert CANARY not in redact(text)
