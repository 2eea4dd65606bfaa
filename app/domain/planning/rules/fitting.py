"""Fitting: whether a text can be too long at all, told without looking at a single group."""

from app.core.filling import fill, names
from app.core.markdown import plain
from app.domain.planning.rules import FACTS, MOST_PARTS, Brief, Size, posts


def fits_everywhere(brief: Brief) -> bool:
    """Whether no text can be too long, whichever group it goes to: nothing of the group stands in it, and every account
    takes it. False tells nothing."""
    facts = set(FACTS) - brief.variables.keys()
    return not any(facts.intersection(names(body)) for body in brief.texts.values()) and all(
        _fits(brief, fill(body, {**{name: "{" + name + "}" for name in names(body)}, **brief.variables}), *account)
        for body in brief.texts.values()
        for account in brief.accounts.items()
    )


def _fits(brief: Brief, text: str, account_id: str, size: Size) -> bool:
    if account_id in brief.askers:
        return size.fits(plain(text) if brief.markdown else text)
    most = MOST_PARTS if brief.split else 1
    return bool(posts(text, size, most=most, pictured=brief.picture and size.takes_picture)[1])
