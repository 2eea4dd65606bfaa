"""Cells of a sheet that a spreadsheet program will open: a text must never be taken for a formula.

A spreadsheet runs what begins with one of these characters, its full-width forms included (OWASP, CSV injection). An
apostrophe in front makes it a text; taken off again when we read such a sheet, it changes nothing on a round trip.
"""

_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
_GUARD = "'"


def guarded(text: str) -> str:
    """The text as a cell that no spreadsheet runs. Spaces and quotes before the character do not disarm it."""
    first = text.lstrip(" \u3000'\"")[:1]
    return _GUARD + text if text[:1] in _FORMULA or first in _FORMULA else text


def unguarded(cell: str) -> str:
    """What `guarded` was given."""
    rest = cell[1:]
    return rest if cell[:1] == _GUARD and rest and guarded(rest) == cell else cell
