"""Moments as people say them: "today 18:00", the zone by name, how long is left."""

from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from app.web.tongues import say
from app.web.words import Tongue

_CHINA = {"Asia/Shanghai", "Asia/Chongqing", "PRC"}


def zone_of(*names: str | None) -> tzinfo:
    """The first of these zones that exists, else UTC."""
    for name in names:
        if name:
            try:
                return ZoneInfo(name)
            except (KeyError, ValueError, OSError):
                continue
    return ZoneInfo("UTC")


def spoken(moment: datetime, *, now: datetime, zone: tzinfo, tongue: Tongue) -> str:
    """`today 18:00`, or the date where it is not about today."""
    there = moment.astimezone(zone)
    time = f"{there:%H:%M}"
    days = (there.date() - now.astimezone(zone).date()).days
    if days in (-1, 0, 1):
        return say(tongue, {-1: "yesterday", 0: "today", 1: "tomorrow"}[days], time=time)
    weekday = say(tongue, "weekdays").split()[there.weekday()]
    month = say(tongue, "months").split()[there.month - 1]
    return say(tongue, "date", month=month, day=there.day, weekday=weekday, time=time)


def zone_name(zone: tzinfo, at: datetime, tongue: Tongue) -> str:
    """What people call this zone: `Beijing time`, `Berlin time (UTC+1)`, `UTC`."""
    name = str(zone)
    if name in _CHINA:
        return say(tongue, "zone_shanghai")
    if name in {"UTC", "Etc/UTC"}:
        return "UTC"
    minutes = round((at.astimezone(zone).utcoffset() or timedelta()).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    offset = f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")
    return say(tongue, "zone", city=name.rsplit("/", 1)[-1].replace("_", " "), offset=offset)


def span(length: timedelta, tongue: Tongue) -> str:
    """A length of time in its two largest units; never less than a minute."""
    minutes = max(1, int(length.total_seconds() // 60))
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return say(tongue, "days_hours" if hours else "days", days=days, hours=hours)
    if hours:
        return say(tongue, "hours_minutes" if minutes else "hours", hours=hours, minutes=minutes)
    return say(tongue, "minutes", minutes=minutes)
