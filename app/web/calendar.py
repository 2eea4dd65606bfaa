"""The calendar: what goes out when, by week and by day on the reader's clock, and what gets into each other's way."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from app.reports.calendar import calendar
from app.web.days import MOST_BARS, drawn, edges
from app.web.desk import Reads

router = APIRouter()

WEEK = 7
YEARS = range(2000, 2101)


@router.get("/calendar")
async def show(desk: Reads, first: Annotated[str, Query(alias="from", max_length=20)] = "", days: str = "") -> Response:
    """A week from its Monday, or one day; this week where nothing, or nothing sensible, is asked for."""
    zone, now = desk.reader.zone, desk.reader.now
    count, today = (1 if days == "1" else WEEK), now.astimezone(zone).date()
    begin = _date(first) or today
    if count == WEEK:
        begin -= timedelta(days=begin.weekday())
    midnights = edges(begin, count, zone)
    async with desk.kit.db.read() as tx:
        seen = await calendar(tx, desk.center_id, begins=midnights[0], ends=midnights[-1])
    return desk.page(
        "calendar.html",
        seen=seen,
        days=drawn(begin, count, seen.events, zone=zone, quiet_zone=seen.zone, now=now),
        count=count,
        begin=begin,
        today=today,
        before=begin - timedelta(days=count),
        after=begin + timedelta(days=count),
        most=MOST_BARS,
        weekdays=desk.reader.weekdays,
    )


def _date(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.year in YEARS else None
