"""Robots: the addresses that hold a robot's credential, each in one spelling. A credential is drawn at random, so the
same one under another host, path or version is the same robot, and posts into the same chat."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

CHATS = {"feishu": re.compile(r"o[cu]_.*"), "wecom": re.compile(r"wr[\w-]{1,62}", re.A)}  # no robot's key is like them


@dataclass(frozen=True)
class _Robot:
    """`url`: a robot's address as its platform shows it, up to its credential. `path`: how the path of any spelling
    ends, with the credential as its group, or else it stands in the query's `field`. `aside`: what in the query leads
    somewhere else in the same chat. `alone`: whether the credential may stand for the whole."""

    url: str
    path: re.Pattern[str]
    field: str = ""
    aside: str = ""
    alone: bool = True


_ROBOTS: Mapping[str, _Robot] = {
    "wecom": _Robot(
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=", re.compile(r".*/cgi-bin/webhook/send"), field="key"
    ),
    "dingtalk": _Robot(
        "https://oapi.dingtalk.com/robot/send?access_token=", re.compile(r".*/robot/send"), field="access_token"
    ),
    "feishu": _Robot(
        "https://open.feishu.cn/open-apis/bot/v2/hook/", re.compile(r".*/open-apis/bot/v2/hook/([\w-]+)", re.A)
    ),
    "discord": _Robot(
        "https://discord.com/api/webhooks/",
        re.compile(r".*/api(?:/v\d{1,2})?/webhooks/(\d+/[\w-]+)/?", re.A),
        aside="thread_id",
        alone=False,
    ),
}


def one_spelling(platform: str, address: str) -> str:
    """The address of a robot as its platform shows it, however it is written; every other address as it is."""
    robot = _ROBOTS.get(platform)
    named = _named(robot, address, platform) if robot else ""
    return f"{robot.url}{named}" if robot and named else address


def _named(robot: _Robot, address: str, platform: str) -> str:
    """What tells this robot from the platform's others; empty where none is meant."""
    if "://" not in address:
        chat = CHATS.get(platform)
        return address if robot.alone and not (chat and chat.fullmatch(address)) else ""
    try:
        parts = urlsplit(address)
        asked = parse_qs(parts.query, max_num_fields=10)
    except ValueError:
        return ""
    path = robot.path.fullmatch(parts.path)
    if path is None:
        return ""
    if robot.field:
        return "".join(asked.get(robot.field, []))
    aside = "".join(asked.get(robot.aside, []))
    return f"{path[1]}?{robot.aside}={aside}" if aside else path[1]
