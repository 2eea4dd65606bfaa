"""Each platform has a page, and each page says what an operator must know of every way into it."""

import pytest

from app.channels.inbound import Hears
from app.channels.registry import channels, platforms, ways
from app.core.settings import ROOT

PAGES = {page.stem: page.read_text(encoding="utf-8") for page in (ROOT / "docs" / "platforms").glob("*.md")}


def test_there_is_a_page_for_each_platform_and_for_what_is_done_by_hand() -> None:
    assert PAGES.keys() == platforms(channels()) | {"manual"}


@pytest.mark.parametrize("platform", sorted(platforms(channels())))
def test_a_page_names_the_secrets_of_every_way_in(platform: str) -> None:
    page = PAGES[platform]
    found = ways(channels(), platform)
    wanted = {name for way in found for name in (*way.account_secret, *getattr(way, "optional_secret", ()))}
    assert [name for name in wanted if name not in page] == []
    assert "limit" in page.lower()
    assert any(isinstance(way, Hears) for way in found) is ("## Callbacks" in page)
    assert "wrong" in page.lower()
