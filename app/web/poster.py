"""A report as one picture: a drawing of fixed size that carries its own colours, to be sent into a chat. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

from app.reports.campaign_report import CampaignReport
from app.reports.tree import Node
from app.web.curve import Curve, curve
from app.web.pages import templates
from app.web.previews import platform_name
from app.web.progress import Bar, bar
from app.web.reader import Reader

MOST_BRANCHES, MOST_PLATFORMS = 14, 6
COLORS = {
    "relayed": "#1b6e5a",
    "posting": "#2b5fa3",
    "acknowledged": "#2b5fa3",
    "assigned": "#7ea4d6",
    "planned": "#b9c6bf",
    "uncertain": "#6b3fa0",
    "missed": "#d08a1d",
    "failed": "#9b2c2c",
    "skipped": "#9aa8a1",
    "cancelled": "#9aa8a1",
}
_ROW, _TOP = 44, 690
_NAME, _TITLE = 26, 44
"""How many half-width letters fit."""


@dataclass(frozen=True)
class Row:
    """One line of bars, at its height."""

    y: int
    label: str
    bar: Bar


def poster(seen: CampaignReport, reader: Reader) -> str:
    """The picture as text; in it every word is a word, so that whoever looks at it chooses the letters."""
    named = [(node.name or reader.say("no_branch"), node.counts) for node in _largest(seen.branches)]
    branches = _rows(named, _TOP + 50)
    below = (branches[-1].y + 110) if branches else _TOP + 60
    held = [(platform_name(name, reader.tongue), counts) for name, counts in seen.platforms[:MOST_PLATFORMS]]
    platforms = _rows(held, below)
    drawn: Curve | None = curve(seen.timeline, reader.zone)
    return templates.get_template("poster.svg").render(
        say=reader.say,
        reader=reader,
        report=seen,
        title=cut(seen.campaign.title, _TITLE),
        bar=bar(seen.progress.counts),
        curve=drawn,
        branches=branches,
        platforms=platforms,
        top=_TOP,
        below=below - 50,
        height=(platforms[-1].y if platforms else below) + 90,
        colors=COLORS,
    )


def _rows(named: Sequence[tuple[str, Mapping[str, int]]], top: int) -> list[Row]:
    return [Row(top + place * _ROW, cut(name, _NAME), bar(counts)) for place, (name, counts) in enumerate(named)]


def _largest(tops: Sequence[Node]) -> list[Node]:
    """The top branches, or, where there is but one, those below it."""
    nodes = tops[0].children if len(tops) == 1 and tops[0].children else tops
    return sorted(nodes, key=lambda node: -node.groups)[:MOST_BRANCHES]


def cut(text: str, room: int) -> str:
    """As much of a text as there is room for; a Chinese letter takes two."""
    used = 0
    for place, letter in enumerate(text):
        used += 2 if east_asian_width(letter) in "FW" else 1
        if used > room:
            return f"{text[: max(place - 1, 0)]}…"
    return text
