"""The life of one outbound message, and the news that moves it."""

from enum import StrEnum

from app.core.moves import Moves


class State(StrEnum):
    DUE = "due"  # waits for its time, its lane and an open gate
    SENDING = "sending"  # taken under a fence and a lease; the words may be on their way
    SENT = "sent"  # the platform said yes
    UNCERTAIN = "uncertain"  # the words may have arrived and nobody can know; never repeated without proof
    FAILED = "failed"  # the platform said no, for good
    EXPIRED = "expired"  # its time passed before it could leave
    CANCELLED = "cancelled"  # called off before it left


class News(StrEnum):
    CLAIMED = "claimed"
    ACCEPTED = "accepted"
    NOT_SENT = "not sent"  # provably: no connection, or a documented "not now"
    SAY_AGAIN = "say again"  # outcome unknown, but the platform knows our key: the same words with the same key
    LINE_LOST = "line lost"
    REFUSED = "refused"
    OUTDATED = "outdated"
    CALLED_OFF = "called off"
    TARGET_LOST = "target lost"  # before it left, the platform told that its chat cannot be reached any more
    FOUND_SENT = "found sent"  # a human, a receipt or a late answer settled it
    FOUND_NOT_SENT = "found not sent"
    RETRIED = "retried"  # the head asks for what failed once more


class Kind(StrEnum):
    """What a delivery is for."""

    ANNOUNCEMENT = "announcement"  # the campaign's own words, into a group
    HAND_OFF = "hand_off"  # groups become a leader's
    TASK = "task"  # his platform is to ask him to send it into groups of his
    NUDGE = "nudge"  # a leader is reminded of what is still open
    ESCALATION = "escalation"  # somebody else is asked, or told that another is
    CORRECTION = "correction"  # new words about words that stand in a group
    RECALL = "recall"  # words that stand in a group are taken back
    DIGEST = "digest"  # the head hears how it stands
    PIN = "pin"  # words that stand in a group are kept on top


class Hold(StrEnum):
    """What holds deliveries back. The one says nothing of the other: who opens a stop ends no wait."""

    STOP = "stop"  # an operator's, or a refused secret's: until it is opened
    WAIT = "wait"  # a platform's, a quota's, a hand-over's: until its time is over; nobody opens it


MOVES = Moves(
    {
        (State.DUE, News.CLAIMED): State.SENDING,
        (State.DUE, News.OUTDATED): State.EXPIRED,
        (State.DUE, News.CALLED_OFF): State.CANCELLED,
        (State.DUE, News.TARGET_LOST): State.FAILED,
        (State.SENDING, News.ACCEPTED): State.SENT,
        (State.SENDING, News.NOT_SENT): State.DUE,
        (State.SENDING, News.SAY_AGAIN): State.DUE,
        (State.SENDING, News.LINE_LOST): State.UNCERTAIN,
        (State.SENDING, News.REFUSED): State.FAILED,
        (State.DUE, News.LINE_LOST): State.UNCERTAIN,  # said without an answer, and now it cannot be said again
        (State.DUE, News.FOUND_SENT): State.SENT,  # settled as not sent, and then the answer came after all
        (State.UNCERTAIN, News.FOUND_SENT): State.SENT,
        (State.UNCERTAIN, News.FOUND_NOT_SENT): State.DUE,
        (State.FAILED, News.RETRIED): State.DUE,
        (State.EXPIRED, News.RETRIED): State.DUE,
    }
)

STANDS_FOR = (Kind.ANNOUNCEMENT, Kind.CORRECTION)
"""The kinds whose outcome is their relay's: the others only speak about it."""

OPEN = (State.DUE, State.SENDING, State.UNCERTAIN)
