"""Reasons of the ledger that hold a name or a number, taken apart so that they can be said in the reader's language."""

import re
from collections.abc import Callable

# A pattern, and the phrase that says it. `why` and `answer` are reasons themselves; `part` is a word of ours.
_SENTENCES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), f"spoken_{name}")
    for name, pattern in (
        ("passed_on", r"passed on to (?P<who>.+) \((?P<part>deputy|branch leader|head)\): (?P<why>.+)"),
        ("given_from_the_start", r"given to another from the start: (?P<why>.+)"),
        ("time_passed", r"(?P<percent>\d+) % of the time has passed"),
        ("answer", r"the answer was “(?P<answer>.+)”"),
        ("excused", r"excused: (?P<words>.+)"),
        ("handed_over", r"handed over by (?P<who>.+)"),
        ("reminded_by", r"reminded by (?P<who>.+)"),
        ("wants_it", r"(?P<who>.+) wants it so"),
        ("has_left", r"(?P<who>.+) has left"),
        ("last_resort", r"an account posts it as the last resort: (?P<why>.+)"),
        ("leader_instead", r"no account could post it \((?P<why>.+)\): a leader is asked"),
        ("asked_by_platform", r"(?P<who>.+) was asked by the platform itself to send it.*"),
        ("sent_by_owner", r"the platform says that (?P<who>.+) sent it"),
        ("asked_unknown", r"nobody can know whether its owner was asked \(.+\)"),
        ("by_link", r"(?P<why>.+): its leader is asked by link"),
        ("not_asked", r"its platform did not ask its owner \((?P<words>.+)\)"),
        ("task_withdrawn", r"the task is withdrawn from its owner: (?P<why>.+)"),
        ("task_kept", r"the task could not be withdrawn \((?P<words>.+)\): its owner may still send it"),
        ("no_way_to", r"no account can write to (?P<who>.+): hand out the link"),
        (
            "set_back",
            r"the database was set back to (?P<since>.+): what left between then and (?P<until>.+) is not .+ twice",
        ),
        ("tier_waits", r"waits until (?P<who>.+) has read it, or until (?P<at>[\d: -]+) UTC"),
        ("latest", r"at the latest (?P<at>[\d: -]+) UTC"),
        ("tier_first_unreached", r"(?P<who>.+) comes first, whom no account can write to: hand out the link"),
        ("tier_first", r"(?P<who>.+) comes first"),
        ("tier_read", r"read by (?P<who>.+): those beneath are asked"),
        ("tier_late", r"not read by (?P<who>.+) until (?P<at>[\d: -]+) UTC: those beneath are asked"),
        ("tier_read_late", r"read late by (?P<who>.+)"),
        ("tier_vacant", r"nobody leads the branch in place of (?P<who>.+): those beneath are asked"),
        ("tier_vacant_waits", r"nobody leads the branch in place of (?P<who>.+): those beneath wait for (?P<other>.+)"),
        (
            "tier_above",
            r"(?P<who>.+) leads the branch in place of (?P<other>.+) and is told above it: those beneath are asked",
        ),
        (
            "tier_above_waits",
            r"(?P<who>.+) leads the branch in place of (?P<other>.+) and is told above it: .+ wait for (?P<first>.+)",
        ),
        ("tier_own", r"(?P<who>.+) leads the branch himself: it does not wait for his word"),
        ("tier_empty", r"no group is left for (?P<who>.+): those beneath are asked"),
        ("tier_replaced", r"(?P<who>.+) is told first in place of (?P<other>.+)"),
        (
            "tier_nudged_enough",
            r"(?P<who>.+) is not reminded to read it: (?P<count>\d+) nudges in the last 24 hours",
        ),
        ("tier_unreached", r"(?P<who>.+) is not reminded to read it: no account can write to him"),
        ("tier_reminded", r"(?P<who>.+) is reminded to read it"),
        ("quorum_reached", r"quorum reached: (?P<asked>.+), (?P<done>\d+) of (?P<total>\d+)"),
        ("quorum_missed", r"quorum missed: (?P<asked>.+), (?P<done>\d+) of (?P<total>\d+)"),
        ("quorum_untold", r"(?P<who>.+) is not told of the quorum"),
        ("quorum_told", r"(?P<who>.+) is told of the quorum"),
        ("orphans_untold", r"(?P<count>\d+) groups are nobody's: the head is not told"),
        ("orphans_told", r"(?P<count>\d+) groups are nobody's: the head is told"),
        ("not_in_group", r"the platform says that the account is not in this group any more \((?P<code>.+)\)"),
        ("not_let_in", r"the platform did not let the account post in this group \((?P<code>.+)\)"),
        (
            "no_more",
            r"the platform says this address is no more: it is not called until it is given anew \((?P<code>.+)\)",
        ),
        ("limit", r"(?P<count>\d+) per (?P<seconds>[\d.]+) s per (?P<scope>account|chat|platform)"),
        (
            "quota_a_day",
            r"(?P<count>\d+) for each of its days a (?P<period>day|month) per (?P<scope>account|chat|platform)",
        ),
        ("quota", r"(?P<count>\d+) a (?P<period>day|month) per (?P<scope>account|chat|platform)"),
        ("not_shown", r"(?P<why>.+); the chat does not show it"),
        ("not_called", r"not_called · .+"),
        ("line_lost", r"line_lost · (?P<rest>.+)"),
        ("not_sent", r"not_sent · (?P<rest>.+)"),
        ("bot_is", r"The token is that of the bot (?P<who>.+)\."),
        ("no_answer", r"The (?:platform|mail server) did not answer, so nobody can tell: (?P<rest>.+)"),
        ("nudged_enough", r"not reminded: (?P<count>\d+) nudges in the last 24 hours"),
    )
)


def in_words(text: str, say: Callable[..., str], reason: Callable[[str], str]) -> str | None:
    """This reason in the reader's words; None where it is no sentence of ours."""
    for pattern, phrase in _SENTENCES:
        found = pattern.fullmatch(text)
        if found is not None:
            places = found.groupdict()
            for name in places.keys() & {"why", "answer"}:
                places[name] = reason(places[name])
            if "part" in places:
                places["part"] = say(f"part_{places['part'].replace(' ', '_')}")
            if "scope" in places:
                places["scope"] = say(f"scope_{places['scope']}")
            if "period" in places:
                places["period"] = say(f"period_{places['period']}")
            if "who" in places:
                places["who"] = places["who"].removeprefix("key:")
            return say(phrase, **places)
    return None
