"""Every channel there is, by its name."""

from collections.abc import Mapping

from app.channels.adapters.dingtalk import DingTalk
from app.channels.adapters.feishu import Feishu
from app.channels.adapters.feishu_app import FeishuApp
from app.channels.adapters.telegram import Telegram
from app.channels.adapters.webhook import Webhook
from app.channels.adapters.wecom import WeCom
from app.channels.adapters.wecom_app import WeComApp
from app.channels.port import Channel


def channels() -> Mapping[str, Channel]:
    """A fresh set of adapters."""
    known: tuple[Channel, ...] = (
        DingTalk(),
        Feishu(),
        FeishuApp(),
        Telegram(),
        WeCom(),
        WeComApp(),
        Webhook(),
    )
    return {channel.name: channel for channel in known}
