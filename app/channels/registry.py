"""Every channel there is, by its platform's name."""

from collections.abc import Mapping

from app.channels.adapters.telegram import Telegram
from app.channels.adapters.webhook import Webhook
from app.channels.adapters.wecom import WeCom
from app.channels.port import Channel


def channels() -> Mapping[str, Channel]:
    """A fresh set of adapters; they hold no state between posts."""
    known: tuple[Channel, ...] = (Telegram(), WeCom(), Webhook())
    return {channel.platform: channel for channel in known}
