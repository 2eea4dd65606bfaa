"""A text that is too long for one message, cut into parts: never inside a character as its reader sees it."""

from collections.abc import Callable, Sequence

import regex

_CHARACTER = regex.compile(r"\X")
_BORDERS = (
    regex.compile(r"\n[^\S\n]*+\n\s*+"),  # between paragraphs
    regex.compile(r"\n\s*+"),
    regex.compile(r"[。！？…]++[”’」』）】]*+\s*+|(?<![.!?؟])[.!?؟]++[\"'”’)]*+\s++"),  # between sentences
    regex.compile(r"[，、；：]\s*+|[,;:،؛]\s++"),
    regex.compile(r"\s++"),  # between words
    # Where no space parts words: never in the middle of Latin letters or of an address, never before what closes
    # nor behind what opens.
    regex.compile(r"(?w)\b(?:(?<![!-~])|(?![!-~]))(?<![\p{Ps}\p{Pi}])(?![\p{Pe}\p{Pf}\p{Po}\s])"),
)
_SLACK = (0.5, 0.1)
"""How much of a part may stay empty for the sake of a better border: first half of it, then a tenth."""


def parts(text: str, fits: Callable[[str], bool], *, most: int) -> Sequence[str]:
    """The text in as few parts as good borders allow, at most this many, each of which fits; joined they are the text.
    A part ends after a paragraph, else after a line, a sentence, a clause, a word. Nothing where it cannot be."""
    edges = [0, *(found.end() for found in _CHARACTER.finditer(text))]
    worth = _worth(text, frozenset(edges))
    for slack in _SLACK:
        found = _cut(text, edges, worth, fits, slack=slack, most=most)
        if found:
            return found
    return []


def _worth(text: str, edges: frozenset[int]) -> dict[int, int]:
    """How good a border each place in the text is: 0 the best. A place that is none is not in it."""
    found: dict[int, int] = {}
    for rank, border in enumerate(_BORDERS):
        for match in border.finditer(text):
            if match.end() in edges:
                found.setdefault(match.end(), rank)
    return found


def _cut(
    text: str,
    edges: Sequence[int],
    worth: dict[int, int],
    fits: Callable[[str], bool],
    *,
    slack: float,
    most: int,
) -> list[str]:
    found: list[str] = []
    first, last = 0, len(edges) - 1
    while first < last:
        if len(found) == most:
            return []
        end = _reach(text, edges, first, fits)
        if end == first:
            return []
        if end < last:
            floor = end - int((end - first) * slack)
            choice = range(max(floor, first + 1), end + 1)
            best = min(choice, key=lambda at: (worth.get(edges[at], len(_BORDERS)), -at))
            end = best if fits(text[edges[first] : edges[best]]) else end
        found.append(text[edges[first] : edges[end]])
        first = end
    return found


def _reach(text: str, edges: Sequence[int], first: int, fits: Callable[[str], bool]) -> int:
    """The last edge up to which the text still fits from the first one on."""
    low, high = first, len(edges) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if fits(text[edges[first] : edges[middle]]):
            low = middle
        else:
            high = middle - 1
    return low
