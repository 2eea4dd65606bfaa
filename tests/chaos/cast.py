"""Who plays in a fault run: groups on four platforms, the accounts that post to them, the leaders who relay."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

BURST = "burst"
"""The tag of the groups that get a campaign without pauses."""

_PERSONAS = ("prompt", "all_done", "silent", "prompt", "refuses", "acknowledges", "late")
_CONTACTS = ("telegram:70{n:02}", "webhook:{{base}}/webhook/leader-{n}", "none")
_GROUPS_EACH = 3


@dataclass(frozen=True)
class Person:
    """A leader. `contact` is the directory's, its `{base}` still open; with `none` only paper reaches him. `persona`
    is what the practice platform has him do `delay_s` after his link came in."""

    name: str
    contact: str
    persona: str
    delay_s: float

    def target(self) -> tuple[str, str]:
        """Platform and chat where he reads his letters."""
        kind, _, where = self.contact.partition(":")
        return kind, where.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class Group:
    """One group. `address` is the directory's, its `{base}` still open; `target` the platform's name for the chat."""

    name: str
    platform: str
    address: str
    target: str
    account: str
    leader: Person | None = None
    tag: str = ""


@dataclass(frozen=True)
class Account:
    """A credential that sends; `token` is a Telegram bot's."""

    name: str
    platform: str
    token: str = ""


@dataclass(frozen=True)
class Cast:
    accounts: Sequence[Account]
    people: Sequence[Person]
    groups: Sequence[Group]

    def sheet(self, base: str) -> bytes:
        """The directory sheet."""
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(
            ("group", "platform", "address", "account", "leader", "leader_contact", "language", "tags", "routes")
        )
        for one in self.groups:
            leader = (one.leader.name, one.leader.contact.format(base=base)) if one.leader else ("", "")
            route = "leader" if one.leader else "bot"
            address = one.address.format(base=base)
            writer.writerow((one.name, one.platform, address, one.account, *leader, "en", one.tag, route))
        return text.getvalue().encode()

    def audience(self, tag: str | None) -> frozenset[str]:
        return frozenset(one.name for one in self.groups if tag is None or one.tag == tag)

    def tags(self) -> Mapping[str, str]:
        return {one.name: one.tag for one in self.groups}


def cast(groups: int, *, leaders: bool = True) -> Cast:
    """So many groups: a good third on Telegram, a quarter each behind WeCom robots and keyed webhooks, the rest in
    the hands of leaders."""
    manual = groups // 7 if leaders else 0
    people = [_person(number) for number in range(-(-manual // _GROUPS_EACH))]
    telegram, wecom = (groups - manual) * 2 // 5, (groups - manual) * 3 // 10
    hooks = groups - manual - telegram - wecom
    bots = [Account(f"bot-{n}", "telegram", f"{100 + n}:practice-token-of-bot-{n}") for n in range(_share(telegram))]
    robots = [Account(f"robots-{n}", "wecom") for n in range(_share(wecom))]
    callers = [Account(f"hooks-{n}", "webhook") for n in range(_share(hooks))]
    found = [
        *_telegram(telegram, bots),
        *_urls(wecom, "W", robots, "{{base}}/cgi-bin/webhook/send?key=robot-{n:05}", "robot-{n:05}"),
        *_urls(hooks, "H", callers, "{{base}}/webhook/hook-{n}", "hook-{n}"),
        *(Group(f"M{n:04}", "manual", "", "", "", people[n // _GROUPS_EACH]) for n in range(manual)),
    ]
    return Cast([*bots, *robots, *callers], people, found)


def _share(groups: int) -> int:
    """How many accounts serve so many groups."""
    return max(1, min(4, groups // 12))


def _person(number: int) -> Person:
    contact = _CONTACTS[number % len(_CONTACTS)].format(n=number)
    return Person(f"Leader{number:02}", contact, _PERSONAS[number % len(_PERSONAS)], 0.5 + number % 5)


def _telegram(count: int, bots: Sequence[Account]) -> Iterator[Group]:
    """Every bot has its share; the groups of the first one are those of the burst."""
    for number in range(count):
        bot, chat = bots[number % len(bots)], f"-1007{number:05}"
        yield Group(f"T{number:04}", "telegram", chat, chat, bot.name, tag=BURST if bot is bots[0] else "")


def _urls(count: int, letter: str, accounts: Sequence[Account], address: str, target: str) -> Iterator[Group]:
    for n in range(count):
        account = accounts[n % len(accounts)]
        yield Group(f"{letter}{n:04}", account.platform, address.format(n=n), target.format(n=n), account.name)
