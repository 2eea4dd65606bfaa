"""Every channel there is, by its name, and which of them lead into one platform."""

from collections.abc import Mapping
from importlib.util import find_spec

from app.channels.adapters.dingtalk import DingTalk
from app.channels.adapters.discord import Discord
from app.channels.adapters.discord_bot import DiscordBot
from app.channels.adapters.email import Email
from app.channels.adapters.feishu import Feishu
from app.channels.adapters.feishu_app import FeishuApp
from app.channels.adapters.googlechat import GoogleChat
from app.channels.adapters.matrix import Matrix
from app.channels.adapters.mattermost import Mattermost
from app.channels.adapters.mattermost_app import MattermostApp
from app.channels.adapters.slack import Slack
from app.channels.adapters.slack_app import SlackApp
from app.channels.adapters.teams import Teams
from app.channels.adapters.telegram import Telegram
from app.channels.adapters.webhook import Webhook
from app.channels.adapters.wecom import WeCom
from app.channels.adapters.wecom_app import WeComApp
from app.channels.adapters.wecom_customers import WeComCustomers
from app.channels.adapters.zulip import Zulip
from app.channels.addresses import is_url
from app.channels.port import Channel
from app.channels.tasks import Asks
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
        DingTalk(),
        Feishu(),
        FeishuApp(),
        Telegram(),
        WeCom(),
        WeComApp(),
        WeComCustomers(),
        Matrix(),
        Webhook(),
        Slack(),
        SlackApp(),
        Discord(),
        DiscordBot(),
        Mattermost(),
        MattermostApp(),
        Zulip(),
        GoogleChat(),
        Teams(),
        Email(MailClient(guard)),
        *(extra(guard) for extra in EXTRAS),
    )
    return {channel.name: channel for channel in known}


def platforms(known: Mapping[str, Channel]) -> frozenset[str]:
    """The platforms these channels lead into."""
    return frozenset(channel.platform for channel in known.values())


def ways(known: Mapping[str, Channel], platform: str) -> list[Channel]:
    """The channels into a platform: first the one that bears its name."""
    return [channel for channel in known.values() if channel.platform == platform]


def way_of(known: Mapping[str, Channel], platform: str, address: str) -> Channel | None:
    """The channel into a platform that takes this address: one that has a chat's owner asked, else one for addresses
    of this shape, a URL or none, else any; where none takes it, the one whose shape it has."""
    found = ways(known, platform)
    taking = [channel for channel in found if channel.address_problem(address) is None]
    asks = [channel for channel in taking if isinstance(channel, Asks)]
    shaped = [channel for channel in found if channel.url_addresses is is_url(address)]
    fitting = [channel for channel in taking if channel in shaped]
    return next(iter((*asks, *fitting, *taking, *shaped, *found)), None)
