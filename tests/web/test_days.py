"""Days go from midnight to midnight on the reader's clock, whatever the clocks do."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from app.domain.campaigns.states import State
from app.reports.calendar import Event
from app.web.days import drawn, edges, quiet_hours
from tests.builders.board import Operator, key_of
from tests.builders.relays import Handed

BERLIN = ZoneInfo("Europe/Berlin")
SUNDAY = date(2026, 3, 29)  # 23 hours long in Berlin


def event(first: datetime, last: datetime) -> Event:
    return Event("cmp_1", "Storm", State.SCHEDULED, first, last, 3, finished=False)


def test_a_day_on_which_clocks_go_forward_is_shorter() -> None:
    first, last = edges(SUNDAY, 1, BERLIN)
    assert last.astimezone(UTC) - first.astimezone(UTC) == timedelta(hours=23)
    noon = datetime(2026, 3, 29, 12, tzinfo=BERLIN)
    [day] = drawn(SUNDAY, 1, [], zone=BERLIN, quiet_zone=None, now=noon)
    assert (day.now, list(day.quiet)) == (round(11 / 23 * 100, 2), [])


def test_what_lasts_over_midnight_stands_in_both_days_and_ends_once() -> None:
    late = datetime(2026, 3, 30, 23, tzinfo=BERLIN)
    days = drawn(SUNDAY, 3, [event(late, late + timedelta(hours=2))], zone=BERLIN, quiet_zone=None, now=late)
    found = [[(bar.x, bar.width, bar.due) for bar in day.bars] for day in days]
    assert found == [[], [(95.83, 4.17, None)], [(0.0, 4.17, 4.17)]]


def test_quiet_hours_are_the_centers_wherever_the_reader_is() -> None:
    first, last = edges(date(2026, 1, 5), 1, ZoneInfo("Asia/Shanghai"))
    found = [
        (a.astimezone(BERLIN).hour, b.astimezone(BERLIN).hour) for a, b in quiet_hours(first, last, "Europe/Berlin")
    ]
    assert found == [(22, 8)]
    assert list(quiet_hours(first, last, None)) == []


@pytest.mark.parametrize(
    "query", ["", "?from=2026-03-02", "?from=nonsense&days=1", "?from=9999-12-31", "?from=0001-01-01&days=x"]
)
async def test_whatever_is_asked_for_there_is_a_calendar(client: httpx.AsyncClient, world: Handed, query: str) -> None:
    operator = Operator(client)
    await operator.sign_in(await key_of(world.db, world.center_id))
    page = await operator.page(f"/calendar{query}")
    assert page.count('class="panel day') == (1 if "days=1" in query else 7)
    assert "Nothing goes out in these days" in page or "这段时间没有任务" in page
