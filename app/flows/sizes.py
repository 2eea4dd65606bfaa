"""Sizes: how much of a text each channel takes, and what else it can do with it."""

from app.channels.markup import most, shown
from app.channels.port import CallsEveryone, Channel, Pictures, Pins
from app.domain.planning.rules import Size


def size_of(channel: Channel, *, markdown: bool) -> Size:
    """What a channel takes, measured by what it really sends."""
    can = isinstance(channel, CallsEveryone), isinstance(channel, Pins)
    beside = channel.beside_picture if isinstance(channel, Pictures) else None
    size = most(channel) if markdown else channel.size
    measure = (lambda text: shown(channel, text).measured) if markdown else size.measure
    return Size(size.most, size.unit.value, measure, *can, beside)
