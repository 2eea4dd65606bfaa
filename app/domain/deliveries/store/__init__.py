"""Every SQL statement of the way out."""

from app.domain.deliveries.store.claims import Applied, Dropped, abandoned, claim, drop, finish, settle, state_of
from app.domain.deliveries.store.evidence import (
    in_flight,
    nudges_since,
    oldest_due_s,
    recent,
    uncertain_count,
    under_way,
    used,
    witness,
)
from app.domain.deliveries.store.gates import (
    OpenLane,
    close_gate,
    closed_gates,
    create,
    due,
    lanes_with_work,
    learn,
    move_lanes,
    open_gate,
    open_lanes,
)
from app.domain.deliveries.store.standing_down import announced, stand_down_letters, stand_down_posts

__all__ = [
    "Applied",
    "Dropped",
    "OpenLane",
    "abandoned",
    "announced",
    "claim",
    "close_gate",
    "closed_gates",
    "create",
    "drop",
    "due",
    "finish",
    "in_flight",
    "lanes_with_work",
    "learn",
    "move_lanes",
    "nudges_since",
    "oldest_due_s",
    "open_gate",
    "open_lanes",
    "recent",
    "settle",
    "stand_down_letters",
    "stand_down_posts",
    "state_of",
    "uncertain_count",
    "under_way",
    "used",
    "witness",
]
