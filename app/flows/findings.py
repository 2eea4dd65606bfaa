"""What preflight has to say about a plan, as sentences: blockers stop a launch, warnings do not."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain.cascade.rules import Order
from app.domain.directory.store import Lost
from app.domain.planning.rules import Problem
from app.flows.tally import EXAMPLES, Survey


@dataclass(frozen=True)
class Finding:
    """One thing to know before launching: a stable code, a sentence, how many groups, and some of their names. `about`
    is what the sentence names besides: a reason, missing names, a platform with its measure."""

    code: str
    message: str
    groups: int = 0
    examples: Sequence[str] = ()
    about: str = ""


def cascade_in(survey: Survey, order: Order, names: Mapping[str, str]) -> Finding:
    """What comes of going down the tree tier by tier; `names` are those of the leaders by id."""
    first = [names[leader] for leader in dict.fromkeys(one.leader_id for one in order.tiers)]
    if not first:
        return Finding("cascade_flat", "Nobody leads others in this audience, so everybody is asked at once.")
    waiting = sum(survey.places[place] for place in order.waits)
    latest = f"at the latest {max(one.until_at for one in order.tiers):%Y-%m-%d %H:%M} UTC"
    sentence = f"{len(first)} leaders of branches come first; these groups wait for their word, {latest}."
    return Finding("cascade", sentence, waiting, first[:EXAMPLES], about=latest)


def blockers_in(survey: Survey, *, missing: Sequence[str]) -> list[Finding]:
    """`missing`: names in a script's texts that nothing fills."""
    found = []
    if survey.groups == 0:
        found.append(Finding("empty_audience", "The audience holds no active group."))
    elif survey.sound == 0:
        found.append(Finding("nobody_reachable", "No group of the audience can be reached.", survey.groups))
    for (platform, size), measured in survey.longest.items():
        sentence = f"The text is too long for {platform}: {measured} of at most {size.most} {size.unit}."
        measure = f"{platform} {measured} > {size.most}"
        found.append(_about(survey, Problem.TOO_LONG, sentence, measure))
    if missing:
        names = ", ".join(missing)
        found.append(Finding("missing_variable", f"The script has no value for: {names}.", about=names))
    return found


_UNREACHED = {
    Problem.NO_LEADER: "Nobody answers for these groups, so nobody can relay there; they will count as failed.",
    Problem.NO_ACCOUNT: "No usable account can post into these groups; they will count as failed.",
    Problem.NO_ROUTE: "These groups have no route that this campaign may use; they will count as failed.",
    Problem.NO_OWNER: "Nobody first in line is known to these groups' platform as their owner; they will count as "
    "failed.",
    Problem.NO_QUOTA: "These groups have had all the mass messages they may get; they will count as failed.",
}


def warnings_in(
    survey: Survey,
    *,
    unreachable: Mapping[str, str],
    late: int,
    stray: Sequence[str],
    gates: Sequence[str],
    lost: Lost,
) -> list[Finding]:
    """`unreachable`: leaders (id to name) whom no account can write to; `late`: groups the limits push past their
    deadline; `stray`: names in the text that stay as written; `gates`: why something is held at the moment; `lost`:
    groups whose account was removed from them."""
    found = [Finding("held", f"Held at the moment: {reason}.", about=reason) for reason in gates]
    if lost.count:
        sentence = "The account is not in these groups any more, says their platform; posts there will fail."
        found.append(Finding("account_removed", sentence, lost.count, lost.names))
    found += [_about(survey, problem, text) for problem, text in _UNREACHED.items() if survey.problems[problem]]
    found += _by_owners(survey)
    handed = sum(survey.leaders[leader] for leader in unreachable)
    if unreachable:
        sentence = f"{len(unreachable)} leaders cannot be written to; hand them their links (`muster campaign links`)."
        found.append(Finding("leaders_unreachable", sentence, handed, list(unreachable.values())[:EXAMPLES]))
    if survey.held:
        found.append(Finding("quiet_hours", "These groups wait for the end of their quiet hours.", survey.held))
    if survey.zoneless:
        sentence = "These groups have no time zone, so quiet hours cannot be kept for them."
        found.append(Finding("no_time_zone", sentence, survey.zoneless))
    if late:
        sentence = "The limits push these posts past their deadline; they would expire unsent."
        found.append(Finding("past_deadline", sentence, late))
    if survey.parts:
        sentence = "The text is too long for one post; it goes out in parts, one after the other"
        counts = ", ".join(f"{groups} in {parts} parts" for parts, groups in sorted(survey.parts.items()))
        about = ", ".join(f"{parts} × {groups}" for parts, groups in sorted(survey.parts.items()))
        found.append(Finding("parts", f"{sentence} (groups: {counts}).", survey.parts.total(), about=about))
    found += _lacking("no_picture", "The platform takes no picture of an account; the text goes out alone", survey.bare)
    found += _lacking("nobody_called", "The platform lets an account call nobody; the text calls none", survey.uncalled)
    found += _lacking("not_pinned", "The platform lets an account pin nothing; the text is not pinned", survey.unpinned)
    if stray:
        places = ", ".join("{" + name + "}" for name in stray)
        sentence = f"Nothing fills {places}; it is sent as it is written."
        found.append(Finding("unfilled", sentence, about=places))
    return found


def _by_owners(survey: Survey) -> list[Finding]:
    """Whose platform asks them to send it, and who is asked by link because it cannot."""
    found = []
    if survey.owners:
        sentence = f"Their platform asks {len(survey.owners)} owners to send it; it counts when the platform says so."
        found.append(Finding("asks_owners", sentence, survey.owners.total()))
    if names := survey.passed_over.get(Problem.NO_OWNER):
        sentence = "The first in line has no contact by which these groups' platform knows him; he is asked by link."
        found.append(Finding("no_owner_by_link", sentence, len(names), names[:EXAMPLES]))
    if names := survey.passed_over.get(Problem.NO_QUOTA):
        sentence = "These groups have had all the mass messages they may get; their leaders are asked by link."
        found.append(Finding("no_quota_by_link", sentence, len(names), names[:EXAMPLES]))
    return found


def _lacking(code: str, sentence: str, where: Counter[str]) -> list[Finding]:
    places = sorted(platform for platform, groups in where.items() if groups)
    names = ", ".join(places)
    return [Finding(code, f"{sentence} ({names}).", where.total(), about=names)] if places else []


def _about(survey: Survey, problem: Problem, sentence: str, about: str = "") -> Finding:
    return Finding(problem.value, sentence, survey.problems[problem], survey.names[problem], about)
