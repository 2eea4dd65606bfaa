"""Strings from outside: which characters may pass, and how names are compared."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

_KEPT_CONTROLS = {"\n", "\t"}
_BIDI_AND_ZERO_WIDTH = dict.fromkeys(
    [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), *range(0x2066, 0x206A), 0xFEFF]
)


def allowed(text: str) -> str:
    """The text in NFC, line ends as `\\n`. Raises ValueError for lone surrogates, NUL and other control characters."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    if text.isprintable():
        return text
    for character in text:
        kind = unicodedata.category(character)
        if kind == "Cs" or (kind == "Cc" and character not in _KEPT_CONTROLS):
            raise ValueError(f"contains the character U+{ord(character):04X}, which cannot be stored or sent")
    return text


def single_line(text: str) -> str:
    """A name: allowed characters, one line, no direction overrides or zero-width characters, trimmed.
    Raises ValueError."""
    text = allowed(text).translate(_BIDI_AND_ZERO_WIDTH).strip()
    if "\n" in text or "\t" in text:
        raise ValueError("must be a single line")
    return text


def comparable(name: str) -> str:
    """What two spellings of one name share: full-width forms, case and inner spaces folded."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


Message = Annotated[str, StringConstraints(min_length=1, max_length=20_000), AfterValidator(allowed)]
Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200),
    AfterValidator(single_line),
    StringConstraints(min_length=1),
]
Line = Annotated[str, StringConstraints(max_length=2_000), AfterValidator(single_line)]
