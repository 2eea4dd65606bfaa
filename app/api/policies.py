"""The escalation policy as it is asked for."""

from typing import Annotated

from pydantic import Field

from app.api.shapes import Body
from app.core.errors import Invalid
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


class StepBody(Body):
    """Do this when `at_percent` of the relay time has passed (more than 100 lies past the deadline), and again
    `every_percent` later until it was done `times` times."""

    at_percent: Annotated[int, Field(strict=True, ge=1, le=LATEST_PERCENT)]
    action: Action
    times: Annotated[int, Field(strict=True, ge=1, le=MOST_TIMES)] = 1
    every_percent: Annotated[int, Field(strict=True, ge=0, le=LATEST_PERCENT)] = 0


class EscalationBody(Body):
    steps: list[StepBody] = Field(max_length=MOST_STEPS)

    def policy(self) -> tuple[Step, ...]:
        """Every single step. Raises Invalid."""
        series = [Series(**step.model_dump()) for step in self.steps]
        if found := problem(series):
            raise Invalid.field(f"/escalation/steps/{found[0]}", found[1], code="step_impossible")
        return spelled_out(series)
