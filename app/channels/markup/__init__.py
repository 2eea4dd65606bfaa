"""A Markdown text as a channel shows it: in its own dialect where it has one, without any markup elsewhere.
The dialects stand here, one file for each family of chat programs."""

from typing import NamedTuple

from app.channels.port import Channel, Marks, Size
from app.core.markdown import plain, render


class Shown(NamedTuple):
    """The words without markup, the same in the channel's own if it has any, and how long what is sent is."""

    text: str
    marked: str | None
    measured: int


def shown(channel: Channel | None, source: str) -> Shown:
    text = plain(source)
    if channel is not None and isinstance(channel, Marks):
        marked = render(source, channel.dialect)
        return Shown(text, marked, channel.marked_size.measure(marked))
    return Shown(text, None, channel.size.measure(text) if channel else len(text))


def most(channel: Channel) -> Size:
    """How long a Markdown text may be when it is sent."""
    return channel.marked_size if isinstance(channel, Marks) else channel.size
