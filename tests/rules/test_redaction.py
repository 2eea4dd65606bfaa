"""No line of a log keeps a credential, and none loses an ordinary word."""

import pytest

from app.core.logs import redact

CANARY = "SECRETxCANARYx0123456789"


@pytest.mark.parametrize(
    "text",
    [
        f"https://api.telegram.org/bot4242:{CANARY}/sendMessage",
        f"mk_abcdefghijkl_{CANARY}",
        f"https://muster.example/r/rl_abcdefghijkl_{CANARY}",
        f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={CANARY}&x=1",
        f"/hooks/{CANARY}",
        f"whsec_{CANARY}",
        f"https://user:{CANARY}@example.org/",
        f"token syt_Ym90_{CANARY}_0gxfjA",
        f"mat_{CANARY}_1a2b3c",
        f"mct_{CANARY}_1a2b3c",
        f"authorization: Bearer {CANARY}",
        f"'Authorization': 'bearer {CANARY}'",
    ],
)
def test_a_credential_is_taken_out(text: str) -> None:
    assert CANARY not in redact(text)
    assert "[redacted]" in redact(text)


@pytest.mark.parametrize(
    "text",
    ["a format_of_its_own", "the mat_ is short", "the bearer of bad news", "!room:example.org", "M_UNKNOWN_TOKEN"],
)
def test_ordinary_words_stay(text: str) -> None:
    assert redact(text) == text
