"""Text that would call people is made harmless, and measured as it is sent; addresses in it stay what they are."""

import pytest

from app.channels.adapters.mentions import uncalled
from app.channels.port import Post, Verdict
from app.channels.registry import channels
from app.core.http import Reply, Request
from app.domain.planning.rules.sizes import posts
from app.flows.sizes import size_of
from tests.conftest import T0


@pytest.mark.parametrize(
    "text",
    [
        "Watch https://www.youtube.com/@muster today",
        "看https://www.youtube.com/@muster，周六见",
        '<a href="https://example.org/@muster?a=1&amp;b=@x">here</a>',
        "(https://example.org:8443/#@muster)",
    ],
)
def test_a_link_stays_a_link(text: str) -> None:
    assert uncalled(text) == text


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("https://example.org/a)@wang", "https://example.org/a)＠wang"),
        ("https://example.org，@wang", "https://example.org，＠wang"),
        ("https://example.org,@wang", "https://example.org,＠wang"),
        ("https://example.org/a&quot;@wang", "https://example.org/a&quot;＠wang"),
        ("xhttps://example.org/@wang", "xhttps://example.org/＠wang"),
        ("https://example.org/@everyone", "https://example.org/＠everyone"),
    ],
)
def test_what_stands_behind_a_link_calls_nobody(text: str, sent: str) -> None:
    assert uncalled(text) == sent


class Took:
    """A server that takes everything."""

    async def send(self, request: Request) -> Reply:
        return Reply(200, {}, b"ok" if "/hooks/" in request.url else b'{"result": "success", "id": 1}')


@pytest.mark.parametrize(
    ("name", "line", "address"),
    [
        ("mattermost", "@alice: two tickets\n", "https://chat.example.org/hooks/abc"),
        ("zulip", "@**Alice**: two tickets\n", "42:tickets"),
    ],
)
async def test_a_part_that_was_cut_to_fit_is_taken(name: str, line: str, address: str) -> None:
    """A roll of names, each with a sign more when it is sent."""
    channel = channels()[name]
    _, parts = posts(line * 1_500, size_of(channel, markdown=False), most=10)
    assert len(parts) > 1
    secret = {"email": "bot@example.org", "api_key": "k"}
    for part in parts:
        post = Post("dlv_1", part, T0, address, secret, "https://zulip.example.org", mention_all=True)
        assert (await channel.post(post, Took())).verdict is Verdict.SENT
