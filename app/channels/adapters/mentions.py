"""Words that would call people, made harmless without changing how long a text is in code points."""

import re

from app.channels.markup.signs import outside_addresses

_NAME = re.compile(r"(?<![A-Za-z0-9_])@(?=\w)")
EVERYONE = re.compile(r"@(?=(?:all|channel|everyone|here)\b)")
_CALL = re.compile(r"<(?=[@!#])")

# No more of an address than every chat program takes for one: what it does not, it reads for calls.
ADDRESS = (
    r"https?://[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::\d+)?[/?#](?:[A-Za-z0-9._~:/?#@!$*+,=%-]|&amp;|&(?![a-z#]\w*;))*"
)
_ADDRESS = re.compile(rf"(?<![A-Za-z0-9_]){ADDRESS}", re.ASCII)


def uncalled(text: str) -> str:
    """The text with every name that begins with `@`, and every call in angle brackets, written so that no chat
    program takes it for one: the sign becomes its full-width twin. An e-mail address stays what it is, and so does a
    web address, for a name in it calls nobody; only the words for everyone are trusted nowhere."""
    return EVERYONE.sub("＠", outside_addresses(_unnamed, _CALL.sub("＜", text), addresses=_ADDRESS))


def _unnamed(text: str) -> str:
    return _NAME.sub("＠", text)
