"""Fitting: whether a text can be too long at all, told without looking at a single group."""

from app.core.filling import fill, names
from app.core.markdown import plain
from app.domain.planning.rules import FACTS, MOST_PARTS, Brief, Size, posts


def fits_everywhere(brief: Brief) -> bool:
    """Whether no text can be too long, whichever group it goes to: nothing of the group stands in it, and every account
    takes it. False tells nothing."""
    facts, bodies = set(FACTS) - brief.variables.keys(), set(brief.texts.values())
    ways = {(account_id in brief.askers, size) for account_id, size in brief.accounts.items()}
    return not any(facts.intersection(names(body)) for body in bodies) and all(
        _fits(brief, fill(body, {**{name: "{" + name + "}" for name in names(body)}, **brief.variables}), way)
        for body in bodies
        for way in ways
    )


def _fits(brief: Brief, text: str, way: tuple[bool, Size]) -> bool:
    asked, size = way
    if asked:
        return size.fits(plain(text) if brief.markdown else text)
    most = MOST_PARTS if brief.split else 1
    return bool(posts(text, size, most=most, pictured=brief.picture and size.takes_picture)[1])
