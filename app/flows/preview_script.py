"""Preview: a script's text as each platform would get it, measured in that platform's own unit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.channels.markup import most, shown
from app.channels.port import Channel, Unit
from app.channels.registry import platforms, ways
from app.core.db import Tx
from app.core.errors import Invalid
from app.core.markdown import Format
from app.domain.scripts import service
from app.domain.scripts.rules import Version

BY_HAND = "manual"  # groups without a channel: a leader pastes the text, no length is known


@dataclass(frozen=True)
class Preview:
    """One text. `size` and `limit` are counted in `unit`; without a known limit every text fits. `language` is empty
    for a script that has one text for everybody."""

    platform: str
    language: str
    text: str
    size: int
    limit: int | None
    unit: Unit
    fits: bool


@dataclass(frozen=True)
class Previews:
    """The version that was previewed, and its texts by platform and language."""

    version: Version
    texts: tuple[Preview, ...]


async def preview_script(
    tx: Tx,
    channels: Mapping[str, Channel],
    center_id: str,
    slug: str,
    *,
    version: int | None = None,
    values: Mapping[str, str] | None = None,
    language: str | None = None,
    platform: str | None = None,
    examples: bool = False,
) -> Previews:
    """The texts of one language and platform, or of all there are. With `examples`, the declared examples stand in for
    values that are not given. Raises NotFound, and Invalid for values, platform or a text that grows too long."""
    known = (*sorted(platforms(channels)), BY_HAND)
    if platform is not None and platform not in known:
        raise Invalid.field("/platform", f"There is no platform {platform}; the known ones are {', '.join(known)}.")
    found = await service.get(tx, center_id, slug, version)
    languages: Sequence[str] = [language] if language else found.content.languages or [""]
    wanted = known if platform is None else (platform,)
    texts = _texts(found, channels, values or {}, languages=languages, shown_for=wanted, examples=examples)
    return Previews(found, tuple(texts))


def _texts(
    version: Version,
    channels: Mapping[str, Channel],
    values: Mapping[str, str],
    *,
    languages: Sequence[str],
    shown_for: Sequence[str],
    examples: bool,
) -> Iterator[Preview]:
    for language in languages:
        shown = {one.name: one.example_in(language) for one in version.variables} if examples else {}
        filled = service.check_values(version.variables, {**shown, **values}, at="/variables")
        for platform in shown_for:
            text = service.preview(version, filled, language=language, platform=platform)
            marked = version.content.format is Format.MARKDOWN
            yield measured(text, channels, platform=platform, language=language, marked=marked)


def measured(
    text: str, channels: Mapping[str, Channel], *, platform: str, language: str, marked: bool = False
) -> Preview:
    """This finished text, measured as its platform would; `marked`: it is Markdown."""
    channel = next(iter(ways(channels, platform)), None)
    if marked:
        return _marked(text, channel, platform=platform, language=language)
    if channel is None:
        return Preview(platform, language, text, len(text), None, Unit.CODE_POINTS, fits=True)
    size = channel.size.measure(text)
    return Preview(platform, language, text, size, channel.size.most, channel.size.unit, size <= channel.size.most)


def _marked(source: str, channel: Channel | None, *, platform: str, language: str) -> Preview:
    seen = shown(channel, source)
    if channel is None:
        return Preview(platform, language, seen.text, seen.measured, None, Unit.CODE_POINTS, fits=True)
    text, size, limit = seen.marked or seen.text, seen.measured, most(channel)
    return Preview(platform, language, text, size, limit.most, limit.unit, size <= limit.most)
