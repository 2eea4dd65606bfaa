"""What a branch, an address, a contact and a group's other facts may be. Functions that read text from outside
raise ValueError with a sentence for the person who wrote it."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from urllib.parse import SplitResult, urlsplit, urlunsplit
from zoneinfo import available_timezones

from app.core.text import comparable, single_line
from app.domain.directory.rules.robots import CHATS, one_spelling

MANUAL = "manual"
BOT, LEADER = "bot", "leader"
NAME_MOST = 200
TAGS_MOST, TAG_MOST = 50, 60
ADDRESS_MOST = 2_000
PATH_MOST = 2_000

_PATH_KEY_BYTES = 1_200
_DASHES = dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2212), "-")
_TELEGRAM_PRIVATE = re.compile(r"^(?:https?://)?(?:t|telegram)\.me/c/(\d{5,16})(?:/.*)?$", re.I)
_TELEGRAM_PUBLIC = re.compile(r"^(?:(?:https?://)?(?:t|telegram)\.me/|@)([A-Za-z]\w{3,31})/?$", re.I | re.A)
_NUMBER = re.compile(r"^-?\d{1,19}$", re.A)
_LANGUAGE = re.compile(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$", re.A)
_CASE_MATTERS = frozenset(
    {"matrix", "webhook", "slack", "discord", "feishu", "googlechat", "teams", "mattermost", "apprise", MANUAL}
)
_LANGUAGES = {"中文": "zh", "汉语": "zh", "chinese": "zh", "英文": "en", "英语": "en", "english": "en"}
_ROUTES = {
    "bot": BOT,
    "机器人": BOT,
    "機器人": BOT,
    "leader": LEADER,
    "负责人": LEADER,
    "負責人": LEADER,
    "群主": LEADER,
}


def name(text: str) -> str:
    """A name: one line, 1 to 200 characters."""
    text = single_line(text)
    if not 1 <= len(text) <= NAME_MOST:
        raise ValueError(f"A name has 1 to {NAME_MOST} characters.")
    return text


def branch_name(text: str) -> str:
    text = name(text)
    if "/" in text:
        raise ValueError("A branch's name cannot hold a slash; the slash separates the levels of the tree.")
    return text


@lru_cache(maxsize=4096)
def branch_path(text: str) -> str:
    """`East / Shanghai` as `East/Shanghai`; empty for an empty text. Every level must have a name."""
    text = single_line(text).replace("／", "/")
    if len(text) > PATH_MOST:
        raise ValueError(f"A path has at most {PATH_MOST} characters.")
    return "/".join(branch_name(part) for part in text.split("/")) if text else ""


@lru_cache(maxsize=4096)
def path_key(path: str) -> str:
    """The comparable form of a path, as it is stored."""
    return stored_key("/".join(map(comparable, path.split("/"))))


def stored_key(key: str) -> str:
    """A path of comparable names as it is stored: a very long one keeps its beginning, whole levels only, and a
    digest, so that a tree of any depth fits into an index."""
    whole = key.encode()
    if len(whole) <= _PATH_KEY_BYTES:
        return key
    beginning = whole[:_PATH_KEY_BYTES].decode("utf-8", "ignore").rpartition("/")[0]
    return f"{beginning}/~{hashlib.sha256(whole).hexdigest()}"


@dataclass(frozen=True)
class Contact:
    """How a leader is reached. `value` may be a credential (a webhook's URL)."""

    kind: str
    value: str = field(default="", repr=False)

    @property
    def secret(self) -> bool:
        return self.kind == "webhook"

    @property
    def shown(self) -> str:
        return masked(self.value) if self.secret else self.value


NO_CONTACT = Contact("none")


@lru_cache(maxsize=4096)
def parse_contact(text: str) -> Contact:
    """`telegram:123`, `wecom:userid`, `feishu:ou_…`, `slack:U…`, `matrix:!room`, `email:…`, `webhook:https://…` or
    `none`; an empty text is `none`."""
    text = single_line(text)
    if comparable(text) in {"", "none", "无", "無"}:
        return NO_CONTACT
    kind, _, value = text.replace("：", ":", 1).partition(":")
    kind, value = comparable(kind), value.strip()
    wanted = {
        "telegram": re.compile(r"^\d{1,19}$", re.A),
        "wecom": re.compile(r"^[\w.@-]{1,64}$", re.A),
        "feishu": re.compile(r"^ou_\w{8,64}$", re.A),
        "slack": re.compile(r"^[UW][A-Z0-9]{6,20}$", re.A),
        "matrix": re.compile(r"^![^\s:]{1,128}(:\S{1,200})?$"),
        "email": re.compile(r"^[^\s@]{1,64}@[^\s@.]+(\.[^\s@.]+)+$"),
        "webhook": re.compile(r"^https?://\S+$", re.I),
    }
    examples = (
        "`telegram:123` (the person's number), `wecom:userid`, `feishu:ou_…`, `slack:U…`, `matrix:!room`, `email:…`, "
        "`webhook:https://…` or `none`"
    )
    if kind not in wanted:
        raise ValueError(f"A contact is {examples}.")
    if kind == "telegram":
        value = unicodedata.normalize("NFKC", value)
    if len(value) > ADDRESS_MOST or not wanted[kind].match(value):
        raise ValueError(f"This is no {kind} contact; a contact is {examples}.")
    return Contact(kind, value)


def clean_address(platform: str, text: str) -> str:
    """The address as the platform takes it. Telegram's links and digits become its ids: `t.me/c/123` names the
    chat -100123 (core.telegram.org/api/bots/ids); `-123` and `-100123` are two different chats."""
    text = single_line(text)
    if len(text) > ADDRESS_MOST:
        raise ValueError(f"An address has at most {ADDRESS_MOST} characters.")
    if platform != "telegram":
        return text
    text = "".join(unicodedata.normalize("NFKC", text).translate(_DASHES).split())
    if private := _TELEGRAM_PRIVATE.match(text):
        return f"-100{private.group(1)}"
    if public := _TELEGRAM_PUBLIC.match(text):
        return f"@{public.group(1)}"
    return str(int(text)) if _NUMBER.match(text) else text


def address_key(platform: str, address: str, group_name: str) -> str:
    """What all spellings of one address share, as a digest: what a channel speaks to as one is one. Case is folded
    except where two chats may differ by it; a group without an address is known by its name."""
    address = one_spelling(platform, address)
    parts = _url(address)
    if not address:
        plain = f"name:{comparable(group_name)}"
    elif parts:
        rest = unicodedata.normalize("NFKC", urlunsplit(("", "", parts.path or "/", parts.query, "")))
        plain = f"{_site(parts)}{rest if platform in _CASE_MATTERS else rest.casefold()}"
    elif platform in {"matrix", "wecom"}:
        plain = "".join(unicodedata.normalize("NFKC", address).split())
    else:
        plain = comparable(address)
    return hashlib.sha256(plain.encode()).hexdigest()


def is_url(address: str) -> bool:
    return _url(address) is not None


def is_credential(platform: str, address: str) -> bool:
    """Whether whoever knows this address can post there: a webhook's URL, whatever Apprise takes, or the bare key of a
    robot (for Feishu, what is neither a chat's id nor a person's; for WeCom, what is no customer group's)."""
    chat = platform in CHATS and CHATS[platform].fullmatch(address) is not None
    return is_url(address) or (platform in {"apprise", "dingtalk", "feishu", "wecom"} and bool(address) and not chat)


def masked(url: str) -> str:
    """What may be shown of a credential: its site, and the last four characters of a long rest."""
    parts = _url(url)
    if parts is None:
        return f"…{url[-4:] if len(url) > 12 else ''}"
    rest = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/…{rest[-4:] if len(rest) > 12 else ''}"


@lru_cache(maxsize=256)
def _url(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if sound else None


def _site(parts: SplitResult) -> str:
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{parts.hostname}:{parts.port or usual}"


def tags(texts: Iterable[str]) -> tuple[str, ...]:
    """Tags in their order, each once."""
    found: dict[str, str] = {}
    for text in texts:
        tag = single_line(text)
        if len(tag) > TAG_MOST:
            raise ValueError(f"A tag has at most {TAG_MOST} characters.")
        if tag:
            found.setdefault(comparable(tag), tag)
    if len(found) > TAGS_MOST:
        raise ValueError(f"A group has at most {TAGS_MOST} tags.")
    return tuple(found.values())


def routes(texts: Sequence[str], *, platform: str) -> tuple[str, ...]:
    """The ordered routes; without any, what the platform allows: `bot;leader`, or `leader` for manual groups."""
    found = tuple(dict.fromkeys(_ROUTES.get(comparable(text), text) for text in texts))
    if unknown := [route for route in found if route not in {BOT, LEADER}]:
        raise ValueError(f"{unknown[0]!r} is no route; the routes are `bot` and `leader`.")
    if platform == MANUAL and BOT in found:
        raise ValueError("A manual group has no bot; its route is `leader`.")
    return found or ((LEADER,) if platform == MANUAL else (BOT, LEADER))


def timezone(text: str) -> str:
    zone = _zones().get(text.strip().casefold())
    if zone is None:
        raise ValueError("This is no time zone; write it as in `Asia/Shanghai`.")
    return zone


@cache
def _zones() -> dict[str, str]:
    return {zone.casefold(): zone for zone in available_timezones()}


def language(text: str) -> str:
    text = text.strip().replace("_", "-")
    text = _LANGUAGES.get(comparable(text), text)
    first, _, rest = text.partition("-")
    text = f"{first.lower()}-{rest}" if rest else first.lower()
    if not _LANGUAGE.match(text):
        raise ValueError("This is no language; write `zh`, `en` or `zh-Hant`.")
    return text
