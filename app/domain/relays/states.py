"""The ledger row: one campaign in one group. What is or is not missed is decided here."""

from enum import StrEnum

from app.core.moves import Moves


class State(StrEnum):
    PLANNED = "planned"  # will be posted or handed off
    ASSIGNED = "assigned"  # it is a leader's now, and a message or a link on paper tells him
    ACKNOWLEDGED = "acknowledged"  # the leader said: I have it
    POSTING = "posting"  # an account is posting it now
    RELAYED = "relayed"  # it stands in the group
    UNCERTAIN = "uncertain"  # a post whose outcome nobody can know; open until settled
    MISSED = "missed"  # its deadline passed; a late confirmation still counts, as late
    FAILED = "failed"  # it cannot be relayed this way, for the stated reason
    SKIPPED = "skipped"  # it was never to be relayed, for the stated reason
    CANCELLED = "cancelled"  # the campaign was called off first


class News(StrEnum):
    HANDED_OFF = "handed off"
    ACKNOWLEDGED = "acknowledged"
    CONFIRMED = "confirmed"  # by a human; late when the relay was already missed or past its deadline
    DECLINED = "declined"
    CLAIMED = "claimed"
    RETURNED = "returned"  # provably not posted: free to try again
    POSTED = "posted"
    PART_POSTED = "part posted"  # more of the text is to follow
    LINE_LOST = "line lost"
    REFUSED = "refused"
    OVERDUE = "overdue"
    CALLED_OFF = "called off"
    FOUND_NOT_SENT = "found not sent"
    RETRIED = "retried"  # the head has the post that failed made once more
    PASSED_ON = "passed on"  # to somebody else, who has not said anything yet
    PASSED_ON_LATE = "passed on late"  # the same past the deadline: it counts as missed until it stands there
    FELL_BACK = "fell back"  # an account cannot post it: a leader is to be asked
    LAST_RESORT = "last resort"  # no leader did: an account is to post it
    EXCUSED = "excused"  # the head says that this group need not have it
    VERIFIED = "verified"  # the platform says that the owner, whom it asked, sent it
    TAKEN_AWAY = "taken away"  # the task he was asked by is no more, and he had not sent it
    RULED_OUT = "ruled out"  # the platform lets him send nothing there, and nobody else may


class Via(StrEnum):
    """Who put it into the group."""

    BOT = "bot"
    LEADER = "leader"
    DEPUTY = "deputy"
    HEAD = "head"


class Evidence(StrEnum):
    """How we know, from the weakest to the strongest."""

    SELF_REPORTED = "self_reported"
    PROOF = "proof"
    PLATFORM_VERIFIED = "platform_verified"


class Part(StrEnum):
    """Whose part somebody plays for a relay."""

    PRIMARY = "primary"
    DEPUTY = "deputy"
    BRANCH_LEADER = "branch_leader"
    HEAD = "head"


VIA = {Part.PRIMARY: Via.LEADER, Part.DEPUTY: Via.DEPUTY, Part.BRANCH_LEADER: Via.DEPUTY, Part.HEAD: Via.HEAD}


class Route(StrEnum):
    BOT = "bot"
    LEADER = "leader"


MOVES = Moves(
    {
        (State.PLANNED, News.HANDED_OFF): State.ASSIGNED,
        (State.PLANNED, News.CLAIMED): State.POSTING,
        (State.PLANNED, News.REFUSED): State.FAILED,
        (State.PLANNED, News.POSTED): State.RELAYED,  # found to stand there after all
        (State.PLANNED, News.OVERDUE): State.MISSED,
        (State.PLANNED, News.CALLED_OFF): State.CANCELLED,
        (State.POSTING, News.RETURNED): State.PLANNED,
        (State.POSTING, News.POSTED): State.RELAYED,
        (State.POSTING, News.PART_POSTED): State.PLANNED,
        (State.POSTING, News.LINE_LOST): State.UNCERTAIN,
        (State.PLANNED, News.LINE_LOST): State.UNCERTAIN,  # said without an answer, and now it cannot be said again
        (State.MISSED, News.LINE_LOST): State.UNCERTAIN,
        (State.CANCELLED, News.LINE_LOST): State.UNCERTAIN,
        (State.POSTING, News.REFUSED): State.FAILED,
        (State.UNCERTAIN, News.POSTED): State.RELAYED,
        (State.UNCERTAIN, News.PART_POSTED): State.PLANNED,
        (State.UNCERTAIN, News.FOUND_NOT_SENT): State.PLANNED,
        (State.UNCERTAIN, News.HANDED_OFF): State.ASSIGNED,  # nobody knew whether its owner was asked, and he was
        (State.ASSIGNED, News.ACKNOWLEDGED): State.ACKNOWLEDGED,
        (State.ASSIGNED, News.CONFIRMED): State.RELAYED,
        (State.ASSIGNED, News.DECLINED): State.FAILED,
        (State.ASSIGNED, News.OVERDUE): State.MISSED,
        (State.ASSIGNED, News.CALLED_OFF): State.CANCELLED,
        (State.ACKNOWLEDGED, News.CONFIRMED): State.RELAYED,
        (State.ACKNOWLEDGED, News.DECLINED): State.FAILED,
        (State.ACKNOWLEDGED, News.OVERDUE): State.MISSED,
        (State.ACKNOWLEDGED, News.CALLED_OFF): State.CANCELLED,
        (State.MISSED, News.CONFIRMED): State.RELAYED,
        (State.MISSED, News.DECLINED): State.FAILED,
        (State.FAILED, News.CONFIRMED): State.RELAYED,  # "can't" and then, after all, done
        (State.FAILED, News.RETRIED): State.PLANNED,
        (State.MISSED, News.RETRIED): State.PLANNED,
        (State.PLANNED, News.CONFIRMED): State.RELAYED,  # an account was to post it as the last resort, and need not
        (State.ACKNOWLEDGED, News.PASSED_ON): State.ASSIGNED,
        (State.FAILED, News.PASSED_ON): State.ASSIGNED,
        (State.FAILED, News.PASSED_ON_LATE): State.MISSED,
        (State.FAILED, News.FELL_BACK): State.PLANNED,
        (State.ASSIGNED, News.LAST_RESORT): State.PLANNED,
        (State.ACKNOWLEDGED, News.LAST_RESORT): State.PLANNED,
        (State.MISSED, News.LAST_RESORT): State.PLANNED,
        (State.FAILED, News.LAST_RESORT): State.PLANNED,
        (State.PLANNED, News.VERIFIED): State.RELAYED,
        (State.ASSIGNED, News.VERIFIED): State.RELAYED,
        (State.ACKNOWLEDGED, News.VERIFIED): State.RELAYED,
        (State.MISSED, News.VERIFIED): State.RELAYED,
        (State.FAILED, News.VERIFIED): State.RELAYED,
        (State.UNCERTAIN, News.VERIFIED): State.RELAYED,
        (State.CANCELLED, News.VERIFIED): State.RELAYED,  # it was sent before it could be called off
        (State.ASSIGNED, News.TAKEN_AWAY): State.PLANNED,
        (State.ACKNOWLEDGED, News.TAKEN_AWAY): State.PLANNED,
        (State.PLANNED, News.RULED_OUT): State.FAILED,
        (State.ASSIGNED, News.RULED_OUT): State.FAILED,
        (State.ACKNOWLEDGED, News.RULED_OUT): State.FAILED,
        (State.MISSED, News.RULED_OUT): State.FAILED,
        (State.PLANNED, News.EXCUSED): State.SKIPPED,
        (State.ASSIGNED, News.EXCUSED): State.SKIPPED,
        (State.ACKNOWLEDGED, News.EXCUSED): State.SKIPPED,
        (State.MISSED, News.EXCUSED): State.SKIPPED,
        (State.FAILED, News.EXCUSED): State.SKIPPED,
    }
)

TO_SEND = (State.PLANNED, State.ASSIGNED, State.ACKNOWLEDGED, State.MISSED)
"""What the owner of a group, whom his platform asks, has still to send."""
STEPPED = (State.ASSIGNED, State.ACKNOWLEDGED, State.MISSED, State.FAILED)
"""What the escalation policy goes on with until it stands in the group."""
OPEN = (State.PLANNED, State.ASSIGNED, State.ACKNOWLEDGED, State.POSTING, State.UNCERTAIN)
MAY_STAND = (State.POSTING, State.RELAYED, State.UNCERTAIN)
GIVEN_UP = (State.MISSED, State.FAILED)
"""What may yet come to stand, though nothing is under way."""
MISSING = (State.MISSED, State.FAILED, State.UNCERTAIN)
