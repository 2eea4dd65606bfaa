"""What the robots of WeCom, DingTalk and Feishu call Markdown: a few signs without an escape. Feishu's cards take
entities instead. Platform facts: platforms.md, sections 1 to 3."""

from app.channels.markup.signs import silenced
from app.core.markdown import Dialect

_ENTITIES = str.maketrans({sign: f"&#{ord(sign)};" for sign in "*_~`<>[]#&"})


def _bold(words: str) -> str:
    return f"**{words}**"


def _link(words: str, url: str) -> str:
    return f"[{words}]({url})"


def _heading(words: str, level: int) -> str:
    return f"{'#' * level} {words}"


_quiet = silenced("*_`[]#><")

WECOM = Dialect(
    text=_quiet,
    bold=_bold,
    code=lambda words: f"`{words.replace('`', 'ˋ')}`",
    block=_quiet,
    link=_link,
    heading=_heading,
)
"""No italics, lists or blocks: those are written as a person would."""

DINGTALK = Dialect(
    text=_quiet,
    bold=_bold,
    italic=lambda words: f"*{words}*",
    code=_quiet,
    block=lambda words: _quiet(words).replace("\n", "  \n"),
    link=_link,
    heading=_heading,
    items=lambda items, start: "  \n".join(
        f"{'-' if start is None else f'{start + number}.'} {item}" for number, item in enumerate(items)
    ),
    line="  \n",
)
"""Only two spaces before its end break a line."""

FEISHU = Dialect(
    text=lambda words: words.translate(_ENTITIES),
    bold=_bold,
    italic=lambda words: f"*{words}*",
    code=lambda words: words.translate(_ENTITIES),
    block=lambda words: words.translate(_ENTITIES),
    link=_link,
    heading=lambda words, _level: _bold(words),
)
"""Headings and code are not read by every client in use."""
