"""One row of the directory sheet: cells in, an entry or flaws out."""

from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeVar

from app.core.cells import unguarded
from app.core.text import comparable, single_line
from app.domain.directory import rules
from app.domain.directory.rules import Contact
from app.domain.directory.rules.header import Flaw, Layout

T = TypeVar("T")

MEMBERS_MOST = 2**31 - 1
DEPUTIES_MOST = 20
SECRET_MOST = 500
ACTIVITY_MOST = 500

_PLATFORMS = {
    "企业微信": "wecom",
    "钉钉": "dingtalk",
    "飞书": "feishu",
    "电报": "telegram",
    "手动": "manual",
    "微信": "manual",
}


class Entry(NamedTuple):
    """One row, understood. `key` is the address's comparable form."""

    row: int
    name: str
    platform: str
    address: str
    key: str
    account: str
    branch: str
    leader: str
    contact: Contact | None
    deputies: tuple[str, ...]
    members: int | None
    tags: tuple[str, ...]
    timezone: str | None
    language: str | None
    routes: tuple[str, ...]
    secret: str
    activity: tuple[tuple[str, int], ...] = ()

    def merged(self, other: "Entry") -> "Entry":
        """One group from two rows: the first one holds, the other fills its gaps and adds tags and people."""
        people = dict.fromkeys([self.leader, *self.deputies, other.leader, *other.deputies])
        people.pop("", None)
        leader, *deputies = people or [""]
        return self._replace(
            branch=self.branch or other.branch,
            leader=leader,
            deputies=tuple(deputies),
            members=other.members if self.members is None else self.members,
            tags=tuple({comparable(tag): tag for tag in (*other.tags, *self.tags)}.values()),
            timezone=self.timezone or other.timezone,
            language=self.language or other.language,
            secret=self.secret or other.secret,
            activity=self.activity or other.activity,
        )


def read_row(
    row: int, cells: Sequence[str], *, layout: Layout, platforms: Collection[str]
) -> tuple[Entry | None, list[Flaw]]:
    """What the row says, or everything that is wrong with it."""
    return _Row(row, cells, layout).read(platforms)


class _Row:
    """Reads one row cell by cell and gathers its flaws."""

    def __init__(self, row: int, cells: Sequence[str], layout: Layout) -> None:
        self.row = row
        self.cells = [cell.strip() for cell in cells]
        self.layout = layout
        self.flaws: list[Flaw] = []

    def read(self, platforms: Collection[str]) -> tuple[Entry | None, list[Flaw]]:
        self._nothing_outside()
        no_names: tuple[str, ...] = ()
        name = self._take("group", rules.name, "")
        if not name and not self.flaws:
            self._flaw("group", "missing", "The group needs a name.")
        platform = self._take("platform", _platform, "")
        if platform not in platforms:
            known = ", ".join(sorted(platforms))
            self._flaw("platform", "unknown_platform", f"No platform {platform!r} is known here; known are {known}.")
        routes = self._take("routes", lambda text: _routes(text, platform), _routes("", platform))
        address = self._take("address", lambda text: rules.clean_address(platform, text), "")
        leader = self._take("leader", _person, "")
        contact = self._take("leader_contact", rules.parse_contact, None)
        if contact is not None and not leader:
            self._flaw("leader", "missing", "There is a contact, but no leader's name.")
        if rules.BOT in routes and not address and platform in platforms:
            self._flaw("address", "missing", "The route `bot` needs the group's address.")
        entry = Entry(
            row=self.row,
            name=name,
            platform=platform,
            address=address,
            key=rules.address_key(platform, address, name),
            account=self._take("account", _person, ""),
            branch=self._take("branch", rules.branch_path, ""),
            leader=leader,
            contact=contact,
            deputies=self._take("deputies", _deputies, no_names),
            members=self._take("members", _members, None),
            tags=self._take("tags", _tags, no_names),
            timezone=self._take("timezone", rules.timezone, None),
            language=self._take("language", rules.language, None),
            routes=routes,
            secret=self._take("secret", read_secret, ""),
            activity=self._take("activity", _activity, ()),
        )
        return (None if self.flaws else entry), self.flaws

    def _take(self, column: str, read: Callable[[str], T], blank: T) -> T:
        place = self.layout.places.get(column)
        cell = unguarded(self.cells[place].strip()) if place is not None and place < len(self.cells) else ""
        if not cell:
            return blank
        try:
            return read(cell)
        except ValueError as error:
            self._flaw(column, f"bad_{column}", str(error))
            return blank

    def _nothing_outside(self) -> None:
        """A value below no header would be lost in silence."""
        if len(self.cells) > len(self.layout.places):
            known = set(self.layout.places.values())
            for place, cell in enumerate(self.cells):
                if cell and place not in known:
                    self._flaw(f"#{place + 1}", "no_header", "This cell stands below no header.")
                    return

    def _flaw(self, column: str, code: str, message: str) -> None:
        self.flaws.append(self.layout.flaw(self.row, column, code, message))


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.replace("；", ";").split(";") if part.strip()]


@lru_cache(maxsize=256)
def _routes(text: str, platform: str) -> tuple[str, ...]:
    return rules.routes(_parts(text), platform=platform)


@lru_cache(maxsize=4096)
def _tags(text: str) -> tuple[str, ...]:
    return rules.tags(_parts(text))


@lru_cache(maxsize=4096)
def _person(text: str) -> str:
    return rules.name(text)


@lru_cache(maxsize=256)
def _platform(text: str) -> str:
    folded = comparable(single_line(text)[:60])
    return _PLATFORMS.get(folded, folded)


@lru_cache(maxsize=4096)
def _deputies(text: str) -> tuple[str, ...]:
    found = {comparable(part): rules.name(part) for part in _parts(text)}
    if len(found) > DEPUTIES_MOST:
        raise ValueError(f"A group has at most {DEPUTIES_MOST} deputies.")
    return tuple(found.values())


def _members(text: str) -> int:
    if not text.isdecimal() or len(text) > 10 or int(text) > MEMBERS_MOST:
        raise ValueError(f"This is no number of members (0 to {MEMBERS_MOST}).")
    return int(text)


def _activity(text: str) -> tuple[tuple[str, int], ...]:
    """`name:count;name:count`, the most active first; a name that stands twice counts once, with its larger count."""
    found: dict[str, tuple[str, int]] = {}
    for part in _parts(text.replace("：", ":")):
        person, colon, count = part.rpartition(":")
        count = count.strip()
        if not colon or not (count.isascii() and count.isdecimal()) or int(count[:11]) > MEMBERS_MOST:
            raise ValueError("Activity is written as `name:count;name:count`, the counts being whole numbers.")
        name = rules.name(person)
        found[comparable(name)] = max(
            found.get(comparable(name), (name, 0)), (name, int(count)), key=lambda one: one[1]
        )
    if len(found) > ACTIVITY_MOST:
        raise ValueError(f"A group lists the activity of at most {ACTIVITY_MOST} people.")
    return tuple(sorted(found.values(), key=lambda one: (-one[1], one[0])))


def read_secret(text: str) -> str:
    if len(text) > SECRET_MOST or not text.isprintable():
        raise ValueError(f"A secret is one line of at most {SECRET_MOST} characters.")
    return text
