"""Markdown, as much of it as chat programs share: bold, italic, code, links, lists, headings. Everything else is text.

A dialect says how one program writes these; `plain` is how a person would, who has no markup at all."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.tree import SyntaxTreeNode


class Format(StrEnum):
    """How a campaign's text is meant."""

    PLAIN = "plain"
    MARKDOWN = "markdown"


def _same(text: str) -> str:
    return text


def bulleted(items: Sequence[str], start: int | None, *, bullet: str = "• ") -> str:
    """A list as lines; `start` is the first number of one that counts. What belongs to an item is indented."""
    signs = [bullet if start is None else f"{start + number}. " for number in range(len(items))]
    lines = [sign + item.replace("\n", "\n" + " " * len(sign)) for sign, item in zip(signs, items, strict=True)]
    return "\n".join(lines)


@dataclass(frozen=True)
class Dialect:
    """How one chat program writes things. `text` makes bare words mean nothing but themselves; `code` and `block` are
    given raw words, all others what is written already. `link` is given the words and an address that is harmless."""

    text: Callable[[str], str] = _same
    bold: Callable[[str], str] = _same
    italic: Callable[[str], str] = _same
    code: Callable[[str], str] = _same
    block: Callable[[str], str] = _same
    link: Callable[[str, str], str] = lambda words, url: words if words == url else f"{words} ({url})"
    heading: Callable[[str, int], str] = lambda words, _level: words
    paragraph: Callable[[str], str] = _same
    items: Callable[[Sequence[str], int | None], str] = bulleted
    line: str = "\n"
    gap: str = "\n\n"


PLAIN = Dialect()

# No address may leave the place that a dialect gives it, or call anybody.
_IN_ADDRESSES = str.maketrans({sign: f"%{ord(sign):02X}" for sign in "()<>|@\"'`\\ *"})
_SCHEMES = ("https://", "http://", "mailto:")


@lru_cache(maxsize=512)
def render(source: str, dialect: Dialect) -> str:
    """The text as this dialect writes it."""
    tree = SyntaxTreeNode(_PARSER.parse(source))
    return _blocks(tree.children, dialect, dialect.gap)


def plain(source: str) -> str:
    """The text for those who have no markup."""
    return render(source, PLAIN)


def escaped(words: str) -> str:
    """Words that are to stand in a Markdown text as they are."""
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>#" else sign for sign in words)


def _blocks(nodes: Sequence[SyntaxTreeNode], dialect: Dialect, between: str) -> str:
    return between.join(_block(node, dialect) for node in nodes)


def _block(node: SyntaxTreeNode, dialect: Dialect) -> str:
    if node.type in {"bullet_list", "ordered_list"}:
        start = None if node.type == "bullet_list" else int(node.attrs.get("start", 1))
        return dialect.items([_blocks(item.children, dialect, "\n") for item in node.children], start)
    if node.type == "fence":
        return dialect.block(node.content.rstrip("\n"))
    words = _words(node.children[0].children, dialect)
    return dialect.heading(words, int(node.tag[1:])) if node.type == "heading" else dialect.paragraph(words)


def _words(nodes: Sequence[SyntaxTreeNode], dialect: Dialect) -> str:
    return "".join(_inline(node, dialect) for node in nodes)


def _inline(node: SyntaxTreeNode, dialect: Dialect) -> str:
    if node.type == "text":
        return dialect.text(node.content)
    if node.type == "code_inline":
        return dialect.code(node.content)
    if node.type in {"softbreak", "hardbreak"}:
        return dialect.line
    words = _words(node.children, dialect)
    if node.type == "link":
        return dialect.link(words, str(node.attrs["href"]).translate(_IN_ADDRESSES))
    return (dialect.bold if node.type == "strong" else dialect.italic)(words)


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802  the library's name
        return url.lower().startswith(_SCHEMES)


def _emphasis(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  the library calls it so
    """The library's own rule, but that a star beside a letter or a stop without spaces around may open and close:
    `**注意：**明天` is bold."""
    marker = state.src[state.pos]
    if silent or marker not in "*_":
        return False
    found = state.scanDelims(state.pos, marker == "*")
    before = state.src[state.pos - 1 : state.pos] or " "
    behind = state.src[state.pos + found.length : state.pos + found.length + 1] or " "
    closes = found.can_close or (marker == "*" and not before.isascii() and not before.isspace())
    opens = found.can_open or (marker == "*" and not behind.isascii() and not behind.isspace())
    for _ in range(found.length):
        state.push("text", "", 0).content = marker
        state.delimiters.append(
            Delimiter(ord(marker), found.length, len(state.tokens) - 1, end=-1, open=opens, close=closes)
        )
    state.pos += found.length
    return True


_ADDRESS = re.compile(r"://[^\s<>()\[\]*`\"]+")


def _address(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  the library calls it so
    """An address in the middle of a text is what it is: no line in it begins a word in italics."""
    found = _ADDRESS.match(state.src, state.pos)
    if found is None or not state.pending.lower().endswith(("http", "https")):
        return False
    if not silent:
        state.pending += found[0]
    state.pos = found.end()
    return True


_OPTIONS: Mapping[str, object] = {"maxNesting": 100}
_PARSER = _Parser("zero", _OPTIONS).enable(
    ["heading", "list", "fence", "backticks", "emphasis", "link", "newline", "escape"]
)
_PARSER.inline.ruler.at("emphasis", _emphasis)
_PARSER.inline.ruler.before("emphasis", "address", _address)
