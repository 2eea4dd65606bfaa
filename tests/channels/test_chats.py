"""The link that opens a chat: built by each platform's own rule, and never one that carries a credential."""

from urllib.parse import urlsplit

import pytest

from app.channels.chats import chat_link

_ZULIP = "https://example.zulipchat.com"


@pytest.mark.parametrize(
    ("platform", "address", "site", "link"),
    [
        ("telegram", "@my_channel", None, "https://t.me/my_channel"),
        ("telegram", "-1001234567890", None, "https://t.me/c/1234567890/1"),
        ("telegram", "-987654", None, None),
        ("telegram", "5001", None, None),
        ("slack", "C024BE91L", None, "https://slack.com/app_redirect?channel=C024BE91L"),
        ("slack", "U024BE7LH", None, None),
        ("slack", "https://hooks.slack.com/…wxyz", None, None),
        ("matrix", "#somewhere:example.org", None, "https://matrix.to/#/%23somewhere%3Aexample.org"),
        ("matrix", "!abc:example.org", None, "https://matrix.to/#/%21abc%3Aexample.org?via=example.org"),
        ("matrix", "!abc", None, None),
        (
            "feishu",
            "oc_a0553eda9014c201",
            None,
            "https://applink.feishu.cn/client/chat/open?openChatId=oc_a0553eda9014c201",
        ),
        (
            "feishu",
            "oc_a0553eda9014c201",
            "https://open.larksuite.com",
            "https://applink.larksuite.com/client/chat/open?openChatId=oc_a0553eda9014c201",
        ),
        ("feishu", "…cret", None, None),
        ("zulip", "42:release 1.0", _ZULIP, "https://example.zulipchat.com/#narrow/channel/42/topic/release.201.2E0"),
        ("zulip", "42:news", None, None),
        ("zulip", "42:news", "http://example.org", None),
        ("zulip", "42:news", "https://user:pass@example.org", None),
        ("manual", "https://t.me/c/1234567890", None, "https://t.me/c/1234567890"),
        ("manual", "https://discord.com/channels/1/2", None, "https://discord.com/channels/1/2"),
        ("manual", "https://t.me/+AbCdEfGhIjKlMnOp", None, None),
        ("manual", "https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv", None, None),
        ("manual", "https://discord.com/api/webhooks/1/secret", None, None),
        ("manual", "javascript:alert(1)//https://t.me/name", None, None),
        ("manual", "三班家长群", None, None),
        ("discord", "197038439483310086", None, None),
        ("mattermost", "4xp9fdt77pncbef59f4k1qe83o", None, None),
        ("wecom", "…4f5a", None, None),
        ("no_such_platform", "@my_channel", None, None),
    ],
)
def test_a_chat_opens_by_its_platforms_own_rule(
    platform: str, address: str, site: str | None, link: str | None
) -> None:
    assert chat_link(platform, address, site) == link


@pytest.mark.parametrize("platform", ["telegram", "slack", "matrix", "feishu", "zulip", "manual"])
@pytest.mark.parametrize(
    "hostile",
    [
        'x"><script>alert(1)</script>',
        "javascript:alert(1)",
        "@name\n@other",
        "#a:b c",
        "#a:evil.example/../..",
        "1:../../x",
        "https://t.me@evil.example/name",
        "https://t.me/name\\@evil.example",
        "data:text/html,x",
    ],
)
def test_whatever_an_address_holds_only_https_to_a_known_host_comes_out(platform: str, hostile: str) -> None:
    link = chat_link(platform, hostile, _ZULIP)
    if link is not None:
        parts = urlsplit(link)
        assert parts.scheme == "https"
        assert parts.netloc in {"t.me", "matrix.to", "example.zulipchat.com"}
        assert not set(link) & set("\"'<> \n\\")
