"""Signs that mean something, made to mean nothing: by a backslash where a program knows one, else by a sign of no width
behind them. An address in the middle of a text stays what it is."""

import re
from collections.abc import Callable

SILENCE = "\u200b"
_ADDRESS = re.compile(r"https?://[^\s<>]+")


def outside_addresses(mend: Callable[[str], str], text: str, *, addresses: re.Pattern[str] = _ADDRESS) -> str:
    """The text, all of it mended but the addresses in it."""
    rest, found = addresses.split(text), addresses.findall(text)
    return mend(rest[0]) + "".join(address + mend(more) for address, more in zip(found, rest[1:], strict=True))


def backslashed(signs: str) -> Callable[[str], str]:
    """Escape these signs wherever they stand, and those that only mean something where a line begins."""
    anywhere = re.compile("[" + re.escape(signs) + "]")
    first = re.compile(r"^([ \t]*)([#>+-]|\d+(?=[.)]))", re.MULTILINE)

    def mend(text: str) -> str:
        return first.sub(_at_first, anywhere.sub(lambda found: f"\\{found[0]}", text))

    return lambda text: outside_addresses(mend, text)


def _at_first(found: re.Match[str]) -> str:
    """A number that would count a list keeps its digits: the sign of no width parts it from its stop."""
    return f"{found[1]}{found[2]}{SILENCE}" if found[2][0].isdigit() else f"{found[1]}\\{found[2]}"


def silenced(signs: str) -> Callable[[str], str]:
    """Put a sign of no width behind each of these."""
    anywhere = re.compile("[" + re.escape(signs) + "]")
    return lambda text: outside_addresses(lambda words: anywhere.sub(lambda found: found[0] + SILENCE, words), text)
