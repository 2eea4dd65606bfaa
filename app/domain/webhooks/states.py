"""What other programs may hear of, and how far each telling is."""

from enum import StrEnum

from app.core.moves import Moves


class Event(StrEnum):
    """A closed set, drawn from the journal of campaigns and relays."""

    CAMPAIGN_SCHEDULED = "campaign.scheduled"
    CAMPAIGN_STARTED = "campaign.started"  # it runs: launched, or its hour has come, or it goes on after a pause
    CAMPAIGN_PAUSED = "campaign.paused"
    CAMPAIGN_CANCELLED = "campaign.cancelled"
    CAMPAIGN_PENDING = "campaign.pending_approval"  # it waits for a second person
    CAMPAIGN_FINISHED = "campaign.finished"  # no relay of it is open, told once
    RELAY_RELAYED = "relay.relayed"
    RELAY_MISSED = "relay.missed"
    RELAY_FAILED = "relay.failed"
    RELAY_UNCERTAIN = "relay.uncertain"
    PING = "ping"  # a try, told only to whoever asked for it


class State(StrEnum):
    """One event on its way to one receiver."""

    DUE = "due"  # is or will be said; said again with the same id until the receiver answers
    TOLD = "told"
    GIVEN_UP = "given_up"  # every try failed, or the webhook was switched off


class News(StrEnum):
    TAKEN = "taken"
    GIVEN_UP = "given up"


MOVES = Moves({(State.DUE, News.TAKEN): State.TOLD, (State.DUE, News.GIVEN_UP): State.GIVEN_UP})
