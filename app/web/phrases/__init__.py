"""Every word the operator's pages say, in Chinese and in English: one file for each part, joined here."""

from collections.abc import Mapping
from types import ModuleType

from app.web.phrases import (
    acts,
    afterwards,
    calendar,
    campaigns,
    deeds,
    directory,
    doors,
    drafting,
    frame,
    further,
    house,
    launching,
    ledger,
    library,
    people,
    pictures,
    reasons,
    refusals,
    reports,
    sheets,
    tasks,
    tiers,
    today,
    upkeep,
    ways,
    webhooks,
)
from app.web.words import Tongue

PARTS: tuple[ModuleType, ...] = (
    frame,
    doors,
    refusals,
    today,
    calendar,
    campaigns,
    pictures,
    reports,
    ledger,
    tasks,
    tiers,
    acts,
    afterwards,
    reasons,
    drafting,
    further,
    launching,
    library,
    directory,
    people,
    sheets,
    house,
    deeds,
    upkeep,
    ways,
    webhooks,
)


def _joined(name: str) -> dict[str, str]:
    return {key: phrase for part in PARTS for key, phrase in getattr(part, name).items()}


PHRASES: Mapping[Tongue, Mapping[str, str]] = {"zh": _joined("ZH"), "en": _joined("EN")}


def speak(tongue: Tongue, key: str, **values: object) -> str:
    """One phrase with its places filled. The phrase is ours; only the values are customers' words."""
    phrase = PHRASES[tongue][key]
    return phrase.format_map(values) if values else phrase


def speak_or(tongue: Tongue, key: str, fallback: str) -> str:
    """The phrase for this key, or `fallback` where there is none."""
    return PHRASES[tongue].get(key, fallback)
