"""The page as text: hostile words stay words, the language fits the reader, and it is small."""

import html
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from app.core.db import Database
from app.domain.relays.states import State
from tests.builders.relays import Handed, handed

XSS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</textarea><svg onload=alert(1)>",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "' autofocus onfocus=alert(1) x='",
    "</title><script>alert(1)</script>",
    "javascript:alert(1)",
    "&lt;b&gt; & <b>",
    "{leader} {0} {x.__class__}",
)


TAGS = set(
    re.findall(
        r"\w+",
        "html head meta title link script body svg symbol circle path use header span a main p section h1 h2 bdi label "
        "progress b small strong details summary form input textarea button div ul li footer noscript",
    )
)


@pytest.mark.parametrize("hostile", XSS)
async def test_hostile_words_are_shown_as_words(client: httpx.AsyncClient, db: Database, hostile: str) -> None:
    world = await handed(db, [f"{hostile}群", "b"], name=hostile, center_name=hostile, title=hostile, text=hostile)
    await world.put(1, state=State.FAILED, reason=hostile)
    pages = [await client.get(f"/r/{world.token}")]
    await client.post(world.press(), data={"action": "done"})
    pages.append(await client.get(f"/r/{world.token}?said={world.relays[0]}"))
    for page in pages:
        assert set(re.findall(r"<([a-z0-9]+)", page.text)) <= TAGS
        assert not re.search(r"<[^>]*\son\w+=", page.text)
        assert hostile in html.unescape(page.text)
    assert html.unescape(pages[0].text).count(f"\n{hostile}</textarea>") == 1


async def test_a_text_keeps_every_line_including_an_empty_first_one(client: httpx.AsyncClient, db: Database) -> None:
    text = "\n\n第二行\n  缩进\n"
    world = await handed(db, ["群"], text=text)
    page = (await client.get(f"/r/{world.token}")).text
    found = re.search(r"<textarea class=\"text\"[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    assert found
    assert found.group(1) == text


@pytest.mark.parametrize(
    ("language", "accept", "chosen", "expected"),
    [
        ("zh", "en", "", "zh-CN"),
        ("en-GB", "zh", "", "en"),
        ("zh_Hant", "en", "", "zh-CN"),
        (None, "fr, en;q=0.8, zh;q=0.5", "", "en"),
        (None, "fr", "", "zh-CN"),
        (None, ";;;q=x,en;q=nan,en;q=0,,", "", "zh-CN"),
        ("fr", "en", "", "en"),
        ("zh", "zh", "?lang=en", "en"),
        ("en", "en", "?lang=zh", "zh-CN"),
        ("en", "zh", "?lang=xx", "en"),
    ],
)
async def test_the_language_is_chosen_then_the_leaders_then_the_browsers_then_chinese(
    client: httpx.AsyncClient, db: Database, *, language: str | None, accept: str, chosen: str, expected: str
) -> None:
    world = await handed(db, language=language)
    page = await client.get(f"/r/{world.token}{chosen}", headers={"accept-language": accept})
    assert f'<html lang="{expected}">' in page.text


async def test_forty_groups_fit_into_one_hundred_kilobytes(client: httpx.AsyncClient, db: Database) -> None:
    world = await handed(db, [f"朝阳区春季运动会家长交流{number}群" for number in range(40)], text="字" * 300)
    plain = await client.get(f"/r/{world.token}", headers={"accept-encoding": "identity"})
    assert plain.text.count('class="card"') == 40
    assert len(plain.content) < 100_000
    packed = await client.get(f"/r/{world.token}", headers={"accept-encoding": "gzip"})
    assert int(packed.headers["content-length"]) < 14_000, "the first ten packets of a connection"
    assert packed.text == plain.text


async def test_static_files_are_versioned_and_kept(client: httpx.AsyncClient, world: Handed) -> None:
    page = (await client.get(f"/r/{world.token}")).text
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(files) == 3
    for file in files:
        answer = await client.get(html.unescape(file))
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert len(answer.content) < 12_000
        stale = await client.get(file.split("?")[0] + "?v=old")
        assert "immutable" not in stale.headers.get("cache-control", "")


async def test_nothing_on_the_page_needs_what_its_policy_forbids(client: httpx.AsyncClient, world: Handed) -> None:
    page = (await client.get(f"/r/{world.token}")).text
    assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:|https?://", page)
    assert re.findall(r"<script(?![^>]*\ssrc=)", page) == []


async def test_behind_a_proxy_with_a_path_the_page_stays_under_it(
    db: Database, world: Handed, tmp_path: Any, app_on: Callable[..., Any]
) -> None:
    async with app_on("https://chat.example/muster/") as client:
        page = await client.get(f"/r/{world.token}")
        assert f'action="/muster/r/{world.token}/relays/' in page.text
        answer = await client.post(world.press(), data={"action": "done"})
        assert answer.headers["location"].startswith(f"/muster/r/{world.token}?")
