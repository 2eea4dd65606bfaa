"""Programs that read Markdown nearly as it is written: Discord, Mattermost, Zulip, and the text blocks of Teams' cards,
which know neither headings nor code. Platform facts: platforms.md, sections 6, 8 and 9."""

from collections.abc import Sequence
from dataclasses import replace

from app.channels.markup.signs import backslashed
from app.core.markdown import Dialect, bulleted


def _dashed(items: Sequence[str], start: int | None) -> str:
    return bulleted(items, start, bullet="- ")


def fenced(words: str) -> str:
    """A block of code in a fence that its words cannot close."""
    fence = "```"
    while fence in words:
        fence += "`"
    return f"{fence}\n{words}\n{fence}"


def coded(words: str) -> str:
    """Code in its line, between more backticks than it holds."""
    tick = "`"
    while tick in words:
        tick += "`"
    return f"{tick}{words}{tick}" if tick == "`" else f"{tick} {words} {tick}"


MATTERMOST = Dialect(
    text=backslashed("\\*_`[]~|<"),
    bold=lambda words: f"**{words}**",
    italic=lambda words: f"*{words}*",
    code=coded,
    block=fenced,
    link=lambda words, url: f"[{words}]({url})",
    heading=lambda words, level: f"{'#' * level} {words}",
    items=_dashed,
)

ZULIP = replace(MATTERMOST, text=backslashed("\\*_`[]~"))

DISCORD = replace(MATTERMOST, heading=lambda words, level: f"{'#' * min(level, 3)} {words}")

TEAMS = replace(
    MATTERMOST,
    italic=lambda words: f"_{words}_",
    code=MATTERMOST.text,
    block=MATTERMOST.text,
    heading=lambda words, _level: f"**{words}**",
)
