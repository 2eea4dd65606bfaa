"""Which answers mean that a platform will never take a message: what the verdict goes by, and not by the adapters."""

from collections.abc import Callable, Mapping

from app.simulator.receipts import Receipt

_LATER = {408, 425, 429}
"""Of the 4xx, those that ask to come again."""
_WECOM = {"40008", "40033", "40058", "44001", "44004", "45002", "93000"}
"""No such robot, or a text that is not taken; 45009 asks to wait, and -1 is busy."""


def refuses_for_good(receipt: Receipt) -> bool:
    """Whether this answer ends a delivery. A throttle, a broken box, a lost line and a refused secret do not: after
    them it waits, or is in doubt."""
    meant = _MEANT.get(receipt.platform)
    return meant is not None and not receipt.stands and meant(receipt.answer)


def _telegram(answer: str) -> bool:
    """A chat that has a new number is followed there; a bot whose token was withdrawn waits for a new one."""
    code, _, words = answer.partition(" ")
    return code in {"400", "403"} and "upgraded to a supergroup" not in words


def _webhook(answer: str) -> bool:
    """A receiver's 401 is its own affair and not an account's; a redirect is never followed."""
    code = answer.partition(" ")[0]
    return code.isdecimal() and 300 <= int(code) < 500 and int(code) not in _LATER


_MEANT: Mapping[str, Callable[[str], bool]] = {
    "telegram": _telegram,
    "wecom": _WECOM.__contains__,
    "webhook": _webhook,
}
