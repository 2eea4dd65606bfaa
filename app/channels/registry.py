"""Every channel there is, by its name."""

from collections.abc import Mapping

from app.channels.adapters.googlechat import GoogleChat
from app.channels.adapters.mattermost import Mattermost
from app.channels.adapters.mattermost_app import MattermostApp
from app.channels.adapters.teams import Teams
from app.channels.adapters.telegram import Telegram
from app.channels.adapters.webhook import Webhook
from app.channels.adapters.wecom import WeCom
from app.channels.adapters.zulip import Zulip
from app.channels.port import Channel


def channels() -> Mapping[str, Channel]:
    """A fresh set of adapters."""
    known: tuple[Channel, ...] = (
        Telegram(),
        WeCom(),
        Webhook(),
        Mattermost(),
        MattermostApp(),
        Zulip(),
        GoogleChat(),
        Teams(),
    )
    return {channel.name: channel for channel in known}
