"""The link that opens a group in its own app: built from what may be shown of its address, or none.

Only https links to the platforms' own hosts come out, whatever goes in; a webhook's URL, a token or an invitation is
none of them. Sources: Telegram, "Deep links" (private message links name a message: the first); Slack, "Deep linking"
(`app_redirect`, the workspace is the reader's own); Matrix, "matrix.to navigation" (a room's id needs a server to ask);
Feishu, "Open a chat" (AppLink); Zulip, "Linking to conversations". A Discord bot's channel is known without its server,
a Mattermost one without its team, and WeCom, DingTalk, Teams and Google Chat know robots, not chats: none there.
WeCom's own share into a chat needs a page signed with a corporation's ticket on a domain it has proven: the page offers
the phone's own list of apps instead."""

import re
from collections.abc import Callable, Mapping
from urllib.parse import quote, urlsplit

_GROUP = re.compile(r"-100([1-9][0-9]{0,15})", re.ASCII)
_NAME = re.compile(r"@([A-Za-z][A-Za-z0-9_]{3,31})", re.ASCII)
_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,20}", re.ASCII)
_ROOM = re.compile(r"[!#][^\s:]+:(\S+)")
_FEISHU_CHAT = re.compile(r"oc_[A-Za-z0-9_-]{4,64}", re.ASCII)
_TOPIC = re.compile(r"([1-9][0-9]{0,9}):(\S|\S.{0,58}\S)")
_HOST = re.compile(r"[a-z0-9][a-z0-9.-]{0,250}(:[0-9]{1,5})?", re.ASCII)

# What the address of a group that people post into by hand may be: a chat's link as its app gives it.
_AS_IT_IS = re.compile(
    r"https://(t\.me/[A-Za-z][A-Za-z0-9_]{3,31}"
    r"|t\.me/c/[1-9][0-9]{0,15}(/[0-9]{1,10})?"
    r"|discord\.com/channels/[0-9]{1,20}/[0-9]{1,20}"
    r"|app\.slack\.com/client/[TE][A-Z0-9]{2,20}/[CG][A-Z0-9]{2,20}"
    r"|matrix\.to/#/[!#%A-Za-z0-9._:~-]{3,255}"
    r"|applink\.(feishu\.cn|larksuite\.com)/client/chat/open\?openChatId=oc_[A-Za-z0-9_-]{4,64}"
    r"|teams\.microsoft\.com/l/(channel|chat)/[A-Za-z0-9%._~@:-]{3,255}(/[A-Za-z0-9%._~-]{1,255})?)",
    re.ASCII,
)


def chat_link(platform: str, address: str, site: str | None = None) -> str | None:
    """Where this group's chat opens, or None. `address` is what may be shown of it; `site` the base URL of the account
    that belongs to it, where there is one."""
    build = _LINKS.get(platform)
    return build(address, site or "") if build else None


def _telegram(address: str, _site: str) -> str | None:
    if found := _NAME.fullmatch(address):
        return f"https://t.me/{found[1]}"
    group = _GROUP.fullmatch(address)
    return f"https://t.me/c/{group[1]}/1" if group else None


def _slack(address: str, _site: str) -> str | None:
    return f"https://slack.com/app_redirect?channel={address}" if _CHANNEL.fullmatch(address) else None


def _matrix(address: str, _site: str) -> str | None:
    room = _ROOM.fullmatch(address)
    if room is None or not address.isprintable():
        return None
    via = f"?via={quote(room[1], safe='')}" if address.startswith("!") else ""
    return f"https://matrix.to/#/{quote(address, safe='')}{via}"


def _feishu(address: str, site: str) -> str | None:
    if not _FEISHU_CHAT.fullmatch(address):
        return None
    host = "applink.larksuite.com" if _host(site).endswith(".larksuite.com") else "applink.feishu.cn"
    return f"https://{host}/client/chat/open?openChatId={address}"


def _zulip(address: str, site: str) -> str | None:
    topic, host = _TOPIC.fullmatch(address), _host(site)
    if topic is None or not host:
        return None
    words = quote(topic[2], safe="-_~").replace(".", "%2E").replace("%", ".")
    return f"https://{host}/#narrow/channel/{topic[1]}/topic/{words}"


def _by_hand(address: str, _site: str) -> str | None:
    return address if _AS_IT_IS.fullmatch(address) else None


def _host(site: str) -> str:
    """The host of an https base URL; empty for anything else."""
    try:
        parts = urlsplit(site)
    except ValueError:
        return ""
    return parts.netloc if parts.scheme == "https" and _HOST.fullmatch(parts.netloc) else ""


_LINKS: Mapping[str, Callable[[str, str], str | None]] = {
    "telegram": _telegram,
    "slack": _slack,
    "matrix": _matrix,
    "feishu": _feishu,
    "zulip": _zulip,
    "manual": _by_hand,
}
