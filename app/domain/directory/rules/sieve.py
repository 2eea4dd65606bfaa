"""Which groups a list shows."""

from dataclasses import dataclass

from app.domain.directory.states import GroupStatus


@dataclass(frozen=True)
class Sieve:
    """Which groups a list shows; None shows all. `branch` is an id and means the whole subtree."""

    branch: str | None = None
    tag: str | None = None
    platform: str | None = None
    status: GroupStatus | None = None
    q: str | None = None
