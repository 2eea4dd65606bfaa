"""Every SQL statement of the way out."""

from app.domain.deliveries.store.afterwards import not_yet_taken_back, numbers, retry, standing, to_retry
from app.domain.deliveries.store.claims import Applied, Dropped, abandoned, claim, drop, finish, settle, state_of
from app.domain.deliveries.store.evidence import (
    in_flight,
    nudges_since,
    oldest_due_s,
    recent,
    uncertain_count,
    under_way,
    witness,
)
from app.domain.deliveries.store.gates import (
    OpenLane,
    close_gate,
    closed_gates,
    create,
    due,
    lanes_with_recalls,
    lanes_with_work,
    learn,
    open_gate,
    open_lanes,
    recalls_due,
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
    "lanes_with_recalls",
    "lanes_with_work",
    "learn",
    "not_yet_taken_back",
    "nudges_since",
    "numbers",
    "oldest_due_s",
    "open_gate",
    "open_lanes",
    "recalls_due",
    "recent",
    "retry",
    "settle",
    "stand_down_letters",
    "stand_down_posts",
    "standing",
    "state_of",
    "to_retry",
    "uncertain_count",
    "under_way",
    "witness",
]
