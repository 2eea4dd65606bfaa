"""When one account may send next. Pure: time comes in as seconds, nothing is read and nothing sleeps."""

from app.domain.pacing.rules.forecasts import Forecast, forecast, forecasts
from app.domain.pacing.rules.pacer import Pacer, fair_room
from app.domain.pacing.rules.queues import Wait, Waiting, gap
from app.domain.pacing.rules.rations import Ration
from app.domain.pacing.rules.roster import Roster
from app.domain.pacing.rules.shared import AHEAD_S, Common
from app.domain.pacing.rules.windows import NEVER, SLACK, Window

__all__ = [
    "AHEAD_S",
    "NEVER",
    "SLACK",
    "Common",
    "Forecast",
    "Pacer",
    "Ration",
    "Roster",
    "Wait",
    "Waiting",
    "Window",
    "fair_room",
    "forecast",
    "forecasts",
    "gap",
]
