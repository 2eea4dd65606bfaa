"""When one account may send next. Pure: time comes in as seconds, nothing is read and nothing sleeps."""

from app.domain.pacing.rules.forecasts import Forecast, forecast
from app.domain.pacing.rules.pacer import Pacer
from app.domain.pacing.rules.queues import Wait, Waiting, gap
from app.domain.pacing.rules.windows import NEVER, SLACK, Window

__all__ = ["NEVER", "SLACK", "Forecast", "Pacer", "Wait", "Waiting", "Window", "forecast", "gap"]
