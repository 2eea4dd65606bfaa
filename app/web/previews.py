"""Previews gathered for reading: one text once, with every platform that would get it."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.flows.preview_script import BY_HAND, Preview
from app.web.phrases import speak
from app.web.tongues import say_or
from app.web.words import Tongue


@dataclass(frozen=True)
class Shown:
    """One text in one language; `places` has its size on each platform that gets it. `id` is unique on the page."""

    id: str
    language: str
    text: str
    places: Sequence[Preview]

    @property
    def fits(self) -> bool:
        return all(place.fits for place in self.places)


def gathered(previews: Sequence[Preview]) -> list[Shown]:
    found: dict[tuple[str, str], list[Preview]] = {}
    for one in previews:
        found.setdefault((one.language, one.text), []).append(one)
    return [Shown(f"text-{place}", *key, same) for place, (key, same) in enumerate(found.items())]


def platform_name(platform: str, tongue: Tongue) -> str:
    """What people call this platform."""
    return speak(tongue, "by_hand") if platform == BY_HAND else say_or(tongue, f"platform_{platform}", platform)
