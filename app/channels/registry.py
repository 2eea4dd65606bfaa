"""Every channel there is, by its name."""

from collections.abc import Mapping

from app.channels.adapters.email import Email
from app.channels.adapters.telegram import Telegram
from app.channels.adapters.webhook import Webhook
from app.channels.adapters.wecom import WeCom
from app.channels.port import Channel
from app.core.addresses import Guard
from app.core.mail import MailClient


def channels(guard: Guard | None = None) -> Mapping[str, Channel]:
    """A fresh set of adapters. Those that open lines of their own do it under this guard, else under one that lets
    nothing through but the public internet."""
    guard = guard or Guard()
    known: tuple[Channel, ...] = (
        Telegram(),
        WeCom(),
        Webhook(),
        Email(MailClient(guard)),
    )
    return {channel.name: channel for channel in known}
