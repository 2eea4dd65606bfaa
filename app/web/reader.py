"""Who reads: his language, his zone, and the way a moment is shown to him."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from urllib.parse import urlsplit

from markupsafe import Markup
from starlette.requests import Request

from app.flows.kit import Kit
from app.web.moments import span, spoken, zone_name, zone_of
from app.web.phrases import speak, speak_or
from app.web.sentences import in_words
from app.web.tongues import say, tongue_for
from app.web.words import Tongue

LANGUAGE, ZONE = "muster_lang", "muster_tz"

_NOT_A_LETTER = re.compile("[^a-z0-9]+")
_ROOM = "https://muster.invalid"


@dataclass(frozen=True)
class Reader:
    """One reader of one page. `prefix` is the path under which the house is reached from outside; `exact` whether
    moments are dates, for what is printed or passed on, not "today"."""

    tongue: Tongue
    zone: tzinfo
    now: datetime
    prefix: str
    exact: bool = False

    @property
    def other(self) -> Tongue:
        return "en" if self.tongue == "zh" else "zh"

    def at(self, now: datetime) -> "Reader":
        """The same reader later."""
        return replace(self, now=now)

    def say(self, key: str, **values: object) -> str:
        return speak(self.tongue, key, **values)

    def say_or(self, key: str, fallback: str) -> str:
        return speak_or(self.tongue, key, fallback)

    def reason(self, text: str) -> str:
        """A reason of the ledger in the reader's language, where it is one of ours; a person's or a platform's own
        words stay as they are."""
        whole = in_words(text, self.say, self.reason)
        return whole or self.say_or(f"reason_{_NOT_A_LETTER.sub('_', text.lower()).strip('_')}", text)

    def known_reason(self, text: str) -> str:
        """The same, or nothing where a person wrote it, or it names one."""
        return self.say_or(f"reason_{_NOT_A_LETTER.sub('_', text.lower()).strip('_')}", "")

    def to(self, path: str) -> str:
        """Where a path of ours is reached from outside."""
        return f"{self.prefix}{path}"

    def moment(self, at: datetime) -> str:
        """`today 18:00` on the reader's clock."""
        if self.exact:
            return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M}"
        return spoken(at, now=self.now, zone=self.zone, tongue=self.tongue)

    def when(self, at: datetime | None) -> Markup:
        """A moment as an element that says it on the reader's clock, and in UTC where he asks."""
        if at is None:
            return Markup("–")
        exact = at.astimezone(UTC)
        title = self.say("utc", time=f"{exact:%Y-%m-%d %H:%M:%S}")
        return Markup('<time datetime="{}" title="{}">{}</time>').format(
            f"{exact:%Y-%m-%dT%H:%M:%SZ}", title, self.moment(at)
        )

    @property
    def zone_name(self) -> str:
        """What people call his zone."""
        return zone_name(self.zone, self.now, self.tongue)

    def printed(self, zone: str | None) -> "Reader":
        """The same reader of something on paper, on the clock of this zone where there is one."""
        return replace(self, zone=zone_of(zone, str(self.zone)), exact=True)

    @property
    def weekdays(self) -> list[str]:
        """From Monday on."""
        return say(self.tongue, "weekdays").split()

    def apart(self, at: datetime) -> str:
        """How far a moment is from now, either way: `2 h 15 min`."""
        return span(abs(at - self.now), self.tongue)


def reader_of(request: Request, kit: Kit, *, timezone: str | None = None) -> Reader:
    """The language he chose, else his browser's; the zone his browser told, else the center's."""
    return Reader(
        tongue=tongue_for(
            chosen=request.cookies.get(LANGUAGE), language=None, accepted=request.headers.get("accept-language", "")
        ),
        zone=zone_of(request.cookies.get(ZONE, "").replace("%2F", "/"), timezone),
        now=kit.clock.now(),
        prefix=urlsplit(kit.settings.base_url).path.rstrip("/"),
    )


def own_path(wish: object, fallback: str = "/") -> str:
    """A path of this house to go on to; `fallback` for anything that might lead a browser elsewhere."""
    if not isinstance(wish, str) or not wish.startswith("/") or len(wish) > 2_000:
        return fallback
    if wish.startswith("//") or "\\" in wish or not wish.isprintable() or not wish.isascii():
        return fallback
    parts = urlsplit(f"{_ROOM}{wish}")
    return wish if f"{parts.scheme}://{parts.netloc}" == _ROOM else fallback
