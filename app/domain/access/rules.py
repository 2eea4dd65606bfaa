"""Who is calling, and what that key may do."""

from dataclasses import dataclass

from app.domain.access.states import DUTIES, Duty, Role


@dataclass(frozen=True)
class Caller:
    """The key behind a request. `actor` is how journals and audits name it."""

    center_id: str
    key_id: str
    name: str
    role: Role

    @property
    def actor(self) -> str:
        return f"key:{self.name}"

    def may(self, duty: Duty) -> bool:
        return duty in DUTIES[self.role]
