"""What looks like a credential is not repeated, whatever text it stands in."""

import pytest

from app.core.logs import redact


@pytest.mark.parametrize(
    "secret",
    [
        "/services/T024BE7LD/B024BE7LH/abcDEF123",
        "xoxb-123456789012-123456789012-abcDEF",
        "xoxp-1-2-3",
        "xapp-1-A1-2-abc",
        "/webhooks/112233445566778899/abc-DEF_123",
        "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs",
    ],
)
def test_a_credential_is_struck_out(secret: str) -> None:
    said = redact(f"posting to https://example.org{secret} failed" if secret[0] == "/" else f"Bearer {secret}, refused")
    assert secret not in said
    assert "[redacted]" in said


@pytest.mark.parametrize("text", ["app.channels.adapters.discord_answers", "xoxo", "1503435956.000247"])
def test_plain_words_stay(text: str) -> None:
    assert redact(text) == text
