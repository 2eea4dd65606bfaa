"""Why a message waits, or what became of it, in the reader's language: the facts of `reports.why`, spoken."""

from app.domain.deliveries.states import State
from app.reports.why import Why
from app.web.reader import Reader

_ENDED = {State.SENDING, State.UNCERTAIN, State.FAILED, State.EXPIRED, State.CANCELLED}


def because(why: Why, reader: Reader) -> str:
    """One sentence."""
    delivery, reason = why.delivery, reader.reason(why.delivery.reason)
    if delivery.state is State.SENT:
        return reader.say("why_sent", when=reader.moment(delivery.sent_at or delivery.due_at))
    if delivery.state in _ENDED:
        return reader.say(f"why_{delivery.state}", reason=reason)
    if why.holds:
        hold = why.holds[0]
        until = hold.until
        words = {"reason": reader.reason(hold.reason)}
        return (
            reader.say("why_held_until", when=reader.moment(until), **words)
            if until
            else reader.say("why_held", **words)
        )
    if delivery.due_at > reader.now:
        return reader.say("why_later", when=reader.moment(delivery.due_at), apart=reader.apart(delivery.due_at))
    return reader.say("why_turn")
