"""Every channel there is, by its name."""

from collections.abc import Mapping

from app.channels.adapters.discord import Discord
from app.channels.adapters.discord_bot import DiscordBot
from app.channels.adapters.slack import Slack
from app.channels.adapters.slack_app import SlackApp
from app.channels.adapters.telegram import Telegram
from app.channels.adapters.webhook import Webhook
from app.channels.adapters.wecom import WeCom
from app.channels.port import Channel


def channels() -> Mapping[str, Channel]:
    """A fresh set of adapters."""
    known: tuple[Channel, ...] = (
        Telegram(),
        WeCom(),
        Webhook(),
        Slack(),
        SlackApp(),
        Discord(),
        DiscordBot(),
    )
    return {channel.name: channel for channel in known}
