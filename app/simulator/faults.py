"""Scripted misfortune: which call goes wrong, in what way, how often. Seeded, so that a run can be repeated."""

import random
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.simulator.targets import ANY


class Kind(StrEnum):
    DROP_AFTER_ACCEPT = "drop_after_accept"  # the message stands in the chat, the connection is cut without an answer
    RESET = "reset"  # the connection is reset; the message does not stand
    HTTP_500 = "http_500"
    HTTP_502 = "http_502"
    HTML_200 = "html_200"  # some network box says 200 in its own words
    THROTTLE = "throttle"  # the platform asks to wait, unprovoked
    SLOW = "slow"  # the message stands at once, the answer comes late
    HALF_ANSWER = "half_answer"  # the message stands, the answer breaks off in its middle
    DRIP = "drip"  # the message stands, the answer comes byte by byte over `delay_s`
    CREDENTIAL_REFUSED = "credential_refused"  # the sender's credential is withdrawn at this moment, and stays so


class Script(BaseModel):
    """One kind of fault. It strikes the next `times` matching calls (without end for null), each with `probability`;
    those that strike after a message stands leave a refusal alone. `accepted` says whether the message stands in the
    chat behind a 500, 502 or HTML. With `says` a throttle comes from a box in front of the platform, its Retry-After
    in these very words (none at all for ""): no penalty. With `whole` its penalty is the sender's, in all chats."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    platform: str = ANY
    target: str = ANY
    kind: Kind
    times: Annotated[int, Field(ge=1)] | None = 1
    probability: Annotated[float, Field(gt=0, le=1)] = 1.0
    seed: int = 0
    accepted: bool = False
    retry_after: Annotated[int, Field(ge=1, le=3600)] = 3
    says: Annotated[str, Field(max_length=100, pattern=r"^[ -~]*$")] | None = None
    whole: bool = False
    delay_s: Annotated[float, Field(ge=0, le=600)] = 5.0


@dataclass
class _Running:
    script: Script
    left: int | None
    struck: int = 0
    chance: random.Random = field(default_factory=random.Random)


class Faults:
    """The scripts in force, oldest first; a call meets at most one fault."""

    def __init__(self) -> None:
        self._running: list[_Running] = []

    def add(self, script: Script) -> None:
        chance = random.Random(script.seed)  # noqa: S311 - dice, not secrets
        self._running.append(_Running(script, script.times, chance=chance))

    def clear(self) -> None:
        self._running.clear()

    def draw(self, platform: str, target: str) -> Script | None:
        """The fault this call meets, if any."""
        for one in self._running:
            script = one.script
            if script.platform not in (ANY, platform) or script.target not in (ANY, target) or one.left == 0:
                continue
            if one.chance.random() < script.probability:
                one.struck += 1
                one.left = None if one.left is None else one.left - 1
                return script
        return None

    def shown(self) -> list[dict[str, object]]:
        return [{**one.script.model_dump(), "left": one.left, "struck": one.struck} for one in self._running]
