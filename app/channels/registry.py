"""Every channel there is, by its name."""

from collections.abc import Mapping

from app.channels.adapters.matrix import Matrix
from app.channels.adapters.telegram import Telegram
from app.channels.adapters.webhook import Webhook
from app.channels.adapters.wecom import WeCom
from app.channels.port import Channel


def channels() -> Mapping[str, Channel]:
    """A fresh set of adapters."""
    known: tuple[Channel, ...] = (
        Telegram(),
        WeCom(),
        Matrix(),
        Webhook(),
    )
    return {channel.name: channel for channel in known}
