"""Filling prepared texts: which words a group gets, and the values put into their `{name}` places.

This is no template language. A place is exactly `{name}`: one brace, a letter, then letters, digits or underscores of
any script, one brace. Everything else (`{{7*7}}`, `{u.__init__}`, `{{name}}`, `{1}`, a lone brace) is literal text.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

NAME = r"[^\W\d_]\w*+"
_PLACE = re.compile(rf"(?<!\{{)\{{({NAME})\}}(?!\}})")

DEFAULT_LANGUAGES = ("zh", "en")


class MissingValue(Exception):
    """A text has a place for `name`, and nobody gave a value for it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no value for {{{name}}}.")
        self.name = name


@lru_cache(maxsize=256)
def names(body: str) -> frozenset[str]:
    """The names of every place in this text."""
    return frozenset(_PLACE.findall(body))


def fill(body: str, values: Mapping[str, str]) -> str:
    """The text with every place filled, in one pass: a value that itself contains `{other}` stays as it is.
    Raises MissingValue for a place without a value; values without a place are ignored."""

    def value(place: re.Match[str]) -> str:
        name = place.group(1)
        if name not in values:
            raise MissingValue(name)
        return values[name]

    return _PLACE.sub(value, body)


@lru_cache(maxsize=256)
def primary(language: str | None) -> str:
    """The primary tag of a language, in lower case: `zh` for `zh-CN`, `zh_Hant` and `ZH`; `""` for none."""
    return re.split(r"[-_]", (language or "").strip().lower(), maxsplit=1)[0]


def pick(texts: Mapping[str, str], *, language: str | None, platform: str) -> str:
    """The text for a group of this language on this platform.

    Keys of `texts` are `""` (for everybody), a language (`zh`), a language on a platform (`zh/wecom`), or a platform
    for every language (`/wecom`). Languages are compared by their primary tag, so a `zh-CN` group gets `zh`.
    The first that stands is taken:

    1. `language/platform`, 2. `language`, 3. `/platform`, 4. `""`,
    5. the default languages, `zh` before `en`, each with its platform first,
    6. whatever is left, in the order of its key.

    Raises ValueError when `texts` is empty.
    """
    if len(texts) == 1:
        return next(iter(texts.values()))
    for key in _wishes(primary(language), platform):
        if key in texts:
            return texts[key]
    if not texts:
        raise ValueError("there is no text to pick from")
    return texts[min(texts)]


def _wishes(language: str, platform: str) -> Iterator[str]:
    for tag in (language, "", *DEFAULT_LANGUAGES):
        yield f"{tag}/{platform}"
        yield tag
