"""The chats and credentials of the practice platform: everyone is welcome until a fixture says otherwise."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

ANY = "*"


class State(StrEnum):
    OPEN = "ok"
    UNKNOWN = "unknown"  # no such chat, key or endpoint
    KICKED = "kicked"  # the bot was removed from the group
    BLOCKED = "blocked"  # a person blocked the bot
    DELETED = "deleted"  # the group was deleted; a webhook answers 410
    MIGRATED = "migrated"  # the group has a new number, `migrate_to`; a webhook answers with a redirect


class Rate(BaseModel):
    """A limit of a webhook receiver's own choice."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    count: Annotated[int, Field(ge=1, le=100_000)]
    per_s: Annotated[float, Field(gt=0, le=86_400)]


class Target(BaseModel):
    """One chat, by its address on the platform: a chat id, a robot's key, a webhook's name; `*` is everyone else.
    A robot may be locked by a signing `secret`, by a `keyword` every message has to hold, or to addresses of which
    ours is none (`ip_refused`); `says` picks among a platform's several ways of saying "too often". With `credential`
    instead of `target`, one sender's token and whether it is `dead`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    platform: str
    target: str = ""
    state: State = State.OPEN
    migrate_to: int | None = None
    secret: str | None = None
    keyword: str | None = None
    ip_refused: bool = False
    says: str | None = None
    limit: Rate | None = None
    credential: str | None = None
    dead: bool = False


class Fixtures:
    """What was configured. `dead` holds when each withdrawn credential was first refused, None before that."""

    def __init__(self) -> None:
        self._targets: dict[tuple[str, str], Target] = {}
        self.dead: dict[tuple[str, str], float | None] = {}

    def put(self, target: Target) -> None:
        if target.credential is None:
            self._targets[target.platform, target.target] = target
        elif target.dead:
            self.dead.setdefault((target.platform, target.credential), None)
        else:
            self.dead.pop((target.platform, target.credential), None)

    def find(self, platform: str, target: str) -> Target:
        found = self._targets.get((platform, target)) or self._targets.get((platform, ANY))
        return found or Target(platform=platform, target=target)

    def shown(self) -> list[Mapping[str, object]]:
        return [target.model_dump(exclude={"secret"}, exclude_defaults=True) for target in self._targets.values()]
