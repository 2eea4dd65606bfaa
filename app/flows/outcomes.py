"""What a platform's answer does to the ledger: one line for every verdict there is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.channels.port import Outcome, Verdict
from app.domain.deliveries import rules
from app.domain.deliveries.rules import Claimed, Result
from app.domain.deliveries.states import News, State
from app.domain.relays.states import News as RelayNews

NOT_CALLED = Outcome(
    Verdict.TARGET_GONE, "not_called", "Its address is no more, said its platform: give the group a new one."
)
"""Instead of an answer: nothing was said."""


@dataclass(frozen=True)
class Heard:
    """One answer to one claimed delivery, with the times between which the platform saw it."""

    claimed: Claimed
    outcome: Outcome
    started_at: datetime
    ended_at: datetime
    keyed_s: float | None
    committed: bool = True
    """Whether the claim is known to have been committed."""
    was_gone: bool = False
    """Whether the group was taken to be out of reach when it was said."""


def result(heard: Heard, now: datetime) -> Result:
    """The news this answer is for its delivery."""
    found = _DECIDE[heard.outcome.verdict](heard, now)
    return found if heard.committed else replace(found, lease=heard.claimed.lease_until)


def said(outcome: Outcome) -> str:
    """The platform's word and ours, as one reason."""
    return " · ".join(part for part in (outcome.code, outcome.detail) if part) or outcome.verdict.value


def _accepted(heard: Heard, _now: datetime) -> Result:
    one = heard.claimed
    return Result(one.id, one.fence, News.ACCEPTED, message_id=heard.outcome.message_id)


def _throttled(heard: Heard, now: datetime) -> Result:
    until = now + timedelta(seconds=heard.outcome.wait_s or 60.0)
    return rules.waits(heard.claimed, f"the platform asked to wait: {said(heard.outcome)}", until)


def _not_sent(heard: Heard, now: datetime) -> Result:
    if heard.outcome.wait_s is not None:
        return rules.waits(heard.claimed, said(heard.outcome), now + timedelta(seconds=heard.outcome.wait_s))
    return rules.after_not_sent(heard.claimed, said(heard.outcome), now)


def _ambiguous(heard: Heard, now: datetime) -> Result:
    if heard.claimed.pins:  # twice is as good as once, and nobody has to look after it
        return rules.after_not_sent(heard.claimed, said(heard.outcome), now)
    return rules.after_silence(heard.claimed, said(heard.outcome), now, keyed_s=heard.keyed_s)


def _refused(heard: Heard, _now: datetime) -> Result:
    one = heard.claimed
    return Result(one.id, one.fence, News.REFUSED, f"{heard.outcome.verdict.value}: {said(heard.outcome)}")


def _moved(heard: Heard, now: datetime) -> Result:
    one = heard.claimed
    if one.tries >= len(rules.RETRY_AFTER):
        return Result(one.id, one.fence, News.REFUSED, "the chat moved, and not to an address that can be followed")
    return Result(one.id, one.fence, News.NOT_SENT, "the chat has a new address", now)


def _credential(heard: Heard, now: datetime) -> Result:
    return rules.waits(heard.claimed, f"the account's secret was refused: {said(heard.outcome)}", now)


_DECIDE: Mapping[Verdict, Callable[[Heard, datetime], Result]] = {
    Verdict.SENT: _accepted,
    Verdict.HANDED_OVER: _accepted,
    Verdict.THROTTLED: _throttled,
    Verdict.NOT_SENT: _not_sent,
    Verdict.AMBIGUOUS: _ambiguous,
    Verdict.TARGET_GONE: _refused,
    Verdict.CONTENT_REFUSED: _refused,
    Verdict.MOVED: _moved,
    Verdict.CREDENTIAL_REFUSED: _credential,
}

_RELAY_NEWS: Mapping[State, RelayNews] = {
    State.SENT: RelayNews.POSTED,
    State.DUE: RelayNews.RETURNED,
    State.UNCERTAIN: RelayNews.LINE_LOST,
    State.FAILED: RelayNews.REFUSED,
}


def relay_news(state: State, delivery: Claimed) -> RelayNews:
    """What the state a delivery reached means for the relay it stands for. Only the last part makes it relayed."""
    return RelayNews.PART_POSTED if state is State.SENT and delivery.following else _RELAY_NEWS[state]


def relay_reason(heard: Heard, state: State) -> str:
    """Why a relay stands as it does, and which parts of its text stand in the group."""
    claimed = heard.claimed
    if state is State.SENT:
        return sent_so_far(claimed)
    return said(heard.outcome) + rules.standing(claimed.part, claimed.following)


def sent_so_far(delivery: Claimed) -> str:
    """Which parts stand in the group when this one is sent; nothing where they are all there are."""
    if not delivery.following:
        return ""
    return rules.standing(delivery.part + 1, delivery.following.partition(" ")[2]).removeprefix("; ")
