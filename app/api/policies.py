"""The escalation policy as it is asked for."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from app.api.shapes import Body
from app.core.errors import Invalid
from app.core.text import Line
from app.domain.escalation.rules import (
    LATEST_PERCENT,
    MOST_STEPS,
    MOST_TIMES,
    Action,
    Series,
    Step,
    problem,
    spelled_out,
)
from app.domain.quorum import rules as quorum


class StepBody(Body):
    """Do this when `at_percent` of the relay time has passed (more than 100 lies past the deadline), and again
    `every_percent` later until it was done `times` times."""

    at_percent: Annotated[int, Field(strict=True, ge=1, le=LATEST_PERCENT)]
    action: Action
    times: Annotated[int, Field(strict=True, ge=1, le=MOST_TIMES)] = 1
    every_percent: Annotated[int, Field(strict=True, ge=0, le=LATEST_PERCENT)] = 0


class QuorumBody(Body):
    """So many percent of the groups are to have it `at` a moment, or when `at_percent` of the time from the start to
    the last deadline has passed; in all of the audience, or in a `branch` (its id or its path) with all below it."""

    percent: Annotated[int, Field(strict=True, ge=1, le=100)]
    at: AwareDatetime | None = None
    at_percent: Annotated[int, Field(strict=True, ge=1, le=quorum.LATEST_PERCENT)] | None = None
    branch: Annotated[Line, Field(min_length=1, max_length=500)] | None = None

    def ask(self, place: int) -> quorum.Ask:
        """Its branch still as it is named. Raises Invalid, naming this alarm by its place."""
        if (self.at is None) == (self.at_percent is None):
            raise Invalid.field(f"/quorum/{place}", "Give either at or at_percent.", code="at_or_at_percent")
        return quorum.Ask(self.percent, self.at, self.at_percent, self.branch)


class EscalationBody(Body):
    steps: list[StepBody] = Field(max_length=MOST_STEPS)

    def policy(self) -> tuple[Step, ...]:
        """Every single step. Raises Invalid."""
        series = [Series(**step.model_dump()) for step in self.steps]
        if found := problem(series):
            raise Invalid.field(f"/escalation/steps/{found[0]}", found[1], code="step_impossible")
        return spelled_out(series)
