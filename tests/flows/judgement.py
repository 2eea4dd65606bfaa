"""Whether what the journal tells of a forest could have been told by the policies, cascades and quorums alone."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from sqlmodel import col, select

from app.core.db import Tx
from app.core.journal import JournalLine
from app.domain.campaigns.states import Cascade
from app.domain.cascade.states import CLOSED
from app.domain.cascade.tables import Tier
from app.domain.deliveries.rules import BROADER
from app.domain.deliveries.states import Kind
from app.domain.deliveries.states import State as DeliveryState
from app.domain.deliveries.tables import Delivery
from app.domain.escalation.rules import NUDGES_A_DAY, QUARTER, Action
from app.domain.quorum.states import State as Quorum
from app.domain.quorum.tables import QuorumAlarm
from app.domain.relays.states import State
from app.domain.relays.tables import Relay
from tests.flows.forest import Errand, Grove, Tree
from tests.flows.weather import Downtimes

OPENED = re.compile(r"\((brn_\w+)\).*: those beneath are asked$|no group is left for \S+ \((brn_\w+)\)")
LEFT_OUT = re.compile(r"\((brn_\w+)\).*: those beneath wait for ")
TOLD = re.compile(r"(\S+) \((brn_\w+)\) comes first")
DAY = timedelta(hours=24)


@dataclass
class Ledger:
    """What is left in the database when all is over."""

    relays: dict[str, Relay]
    stories: defaultdict[str, list[JournalLine]]
    alarms: defaultdict[str, list[QuorumAlarm]]
    tiers: defaultdict[str, list[Tier]]
    nudges: defaultdict[str, list[Delivery]] = field(default_factory=lambda: defaultdict(list))


async def read(tx: Tx) -> Ledger:
    relays = {relay.id: relay for relay in await tx.all(select(Relay))}
    ledger = Ledger(relays, defaultdict(list), defaultdict(list), defaultdict(list))
    for line in await tx.all(select(JournalLine).order_by(col(JournalLine.seq))):
        ledger.stories[line.subject_id].append(line)
    for alarm in await tx.all(select(QuorumAlarm)):
        ledger.alarms[alarm.campaign_id].append(alarm)
    for tier in await tx.all(select(Tier)):
        ledger.tiers[tier.campaign_id].append(tier)
    letters = select(Delivery).where(Delivery.kind == Kind.NUDGE, Delivery.state == DeliveryState.SENT)
    for letter in await tx.all(letters.order_by(col(Delivery.due_at))):
        ledger.nudges[str(letter.leader_id)].append(letter)
    return ledger


def judge_relay(grove: Grove, errand: Errand, relay: Relay, story: list[JournalLine], downs: Downtimes) -> None:
    tree, group_id = errand.relays[relay.id]
    gotten = [line.reason.split()[3] for line in story if line.reason.startswith("passed on to")]
    assert len(gotten) == len(set(gotten)), "nobody gets the same group twice"
    assert set(gotten) <= {*tree.line(group_id), grove.head}
    assert relay.assigned_at is not None, "everybody is asked"
    done = next((place for place, line in enumerate(story) if line.became == State.RELAYED.value), None)
    if done is not None:
        assert story[done + 1 :] == [], "nothing happens after it is done"
    else:
        left = errand.steps[relay.steps_taken :]
        if relay.state is State.FAILED:
            assert not [step for step in left if step.action is not Action.REMIND], "a no is passed on while it can be"
        else:
            assert not left, "every step of an open relay is taken in the end"
        assert relay.state in {State.MISSED, State.FAILED}
    assert relay.next_step_at is None
    _steps(errand, relay, story, downs)


def _steps(errand: Errand, relay: Relay, story: list[JournalLine], downs: Downtimes) -> None:
    asked = relay.assigned_at
    assert asked is not None
    window = relay.deadline_at - asked
    due = Counter(asked + window * (step.at_percent / 100) for step in errand.steps)
    taken = Counter[datetime]()
    for line in story:
        if " % of the time has passed" in line.reason:
            at = asked + window * (int(line.reason.split(": ")[-1].split(" %")[0]) / 100)
            taken[at] += 1
            assert line.at >= at, "no step is taken early"
            assert downs.excuse(at, line.at), "no step is taken late"
    assert not taken - due, "no step is taken twice"
    spoken = [line for line in story if line.reason.startswith(("reminded", "not reminded"))]
    assert len(spoken) <= sum(step.action is Action.REMIND for step in errand.steps), "no reminder twice"


def judge_cascade(errand: Errand, ledger: Ledger, downs: Downtimes) -> None:
    """Nobody is asked before the branches above him have opened, nor much later; each leader is told once."""
    lines = ledger.stories[errand.campaign.id]
    opened: dict[str, datetime] = {}
    for line in lines:
        if found := OPENED.search(line.reason):
            opened.setdefault(found[1] or found[2], line.at)
    told = {found.groups(): line.at for line in lines if (found := TOLD.match(line.reason))}
    assert len(told) == sum(1 for line in lines if TOLD.match(line.reason)), "nobody is told twice of one branch"
    reminded = Counter(line.reason for line in lines if "reminded to read it" in line.reason)
    assert max(reminded.values(), default=1) == 1, "nobody is reminded twice of one branch"
    assert not [tier for tier in ledger.tiers[errand.campaign.id] if tier.state in CLOSED], "every branch opens"
    if errand.campaign.cascade is not Cascade.TIER_BY_TIER:
        assert (len(opened), len(told)) == (0, 0)
        return
    replaced = {line.reason.split()[0] for line in lines if "is told first in place of" in line.reason}
    left_out = {found[1] for line in lines if (found := LEFT_OUT.search(line.reason))}
    for relay_id, (tree, group_id) in errand.relays.items():
        relay = ledger.relays[relay_id]
        before = [branch for branch in tree.told_before(group_id) if branch not in left_out]
        spared = any("leads the branch himself" in line.reason for line in ledger.stories[relay_id])
        if spared or tree.line(group_id)[0] in replaced:  # what he answers for himself waits for him no more
            continue
        gate = opened[before[-1]] if before else relay.starts_at
        assert relay.assigned_at is not None
        assert gate <= relay.assigned_at, "nobody is asked before his turn"
        assert downs.excuse(gate, relay.assigned_at), "nobody is asked late"
    for tier in ledger.tiers[errand.campaign.id]:
        if "not read in time" in tier.reason:
            assert tier.ended_at is not None
            assert tier.until_at <= tier.ended_at
            assert downs.excuse(tier.until_at, tier.ended_at), "nobody holds it up for longer than his time"


def judge_quorums(grove: Grove, errand: Errand, ledger: Ledger, downs: Downtimes) -> None:
    """Each is judged once, in time, by what was in the groups at its moment."""
    alarms = ledger.alarms[errand.campaign.id]
    assert len(alarms) == len(errand.asks)
    lines = [line for line in ledger.stories[errand.campaign.id] if line.reason.startswith("quorum ")]
    assert len(lines) == len(alarms)
    for alarm in alarms:
        there = {group for tree in grove.trees for group in _beneath(tree, alarm.branch_id)}
        mine = [ledger.relays[relay] for relay, (_, group) in errand.relays.items() if group in there]
        done = sum(relay.relayed_at is not None and relay.relayed_at <= alarm.due_at for relay in mine)
        assert (alarm.done, alarm.total) == (done, len(mine))
        reached = done * 100 >= len(mine) * alarm.percent
        assert alarm.state is (Quorum.REACHED if reached else Quorum.MISSED)
        assert alarm.judged_at is not None
        assert alarm.due_at <= alarm.judged_at
        assert downs.excuse(alarm.due_at, alarm.judged_at), "no alarm rings late"


def _beneath(tree: Tree, branch_id: str | None) -> list[str]:
    if branch_id is None:
        return list(tree.groups)
    if branch_id not in tree.way:
        return []
    return [group for group, hangs in tree.groups.items() if hangs in tree.way[tree.way.index(branch_id) :]]


def judge_letters(ledger: Ledger, calm: set[str]) -> None:
    """Nobody is nudged too often, or by two campaigns in one quarter of an hour where the one that was written later
    could have waited; `calm` are the campaigns that are no incidents."""
    for letters in ledger.nudges.values():
        for place, letter in enumerate(letters):
            day = [one for one in letters[: place + 1] if letter.created_at - one.created_at < DAY]
            assert len(day) <= NUDGES_A_DAY, "nobody is nudged more often than his day allows"
        for pair in pairwise(letters):
            first, then = sorted(pair, key=lambda one: one.created_at)
            ours = {first.campaign_id, *(first.also or "").split()}
            theirs = {then.campaign_id, *(then.also or "").split()}
            if then.campaign_id in calm and not ours & theirs:
                quarter = first.due_at + QUARTER
                too_late = min([then.expires_at, *_briefs(ledger, then, theirs)]) <= quarter
                assert then.due_at >= quarter or too_late, "two campaigns in one quarter"


def _briefs(ledger: Ledger, letter: Delivery, campaign_ids: Iterable[str]) -> list[datetime]:
    """Until when this letter could be of use, where it may be the reminder of a tier: until the time of that is up.
    Whose tier it was is not asked: another may have been told first in his place since."""
    if not letter.subject.startswith(BROADER):
        return []
    tiers = [tier for one in campaign_ids for tier in ledger.tiers[one]]
    return [tier.until_at for tier in tiers if tier.told_at and letter.created_at < tier.until_at]
