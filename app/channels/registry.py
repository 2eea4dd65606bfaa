"""Every channel there is, by its name."""

from collections.abc import Mapping
from importlib.util import find_spec

from app.channels.adapters.email import Email
from app.channels.adapters.telegram import Telegram
from app.channels.adapters.webhook import Webhook
from app.channels.adapters.wecom import WeCom
from app.channels.port import Channel
from app.core.addresses import Guard
from app.core.mail_client import MailClient

if find_spec("apprise"):  # an extra
    from app.channels.adapters.apprise import Apprise

    EXTRAS: tuple[type[Apprise], ...] = (Apprise,)
else:
    EXTRAS = ()


def channels(guard: Guard | None = None) -> Mapping[str, Channel]:
    """A fresh set of adapters. Those that open lines of their own do it under this guard, else under one that lets
    nothing through but the public internet."""
    guard = guard or Guard()
    known: tuple[Channel, ...] = (
        Telegram(),
        WeCom(),
        Webhook(),
        Email(MailClient(guard)),
        *(extra(guard) for extra in EXTRAS),
    )
    return {channel.name: channel for channel in known}
