"""The dice: one seed is one list of campaigns, faults and orders. Nothing else in the rig rolls any."""

import random
from collections.abc import Iterator, Mapping

from tests.chaos.cast import BURST, Cast, cast
from tests.chaos.scenario import Campaign, Event, Scenario

_PROCESSES = {
    "worker_kill": 8,
    "worker_term": 3,
    "worker_stop": 2,
    "api_kill": 4,
    "redis_flush": 2,
    "redis_kill": 2,
}
_WEIGHTS: Mapping[str, Mapping[str, int]] = {
    "sqlite": _PROCESSES,
    "postgres": _PROCESSES | {"postgres_crash": 3, "postgres_cut": 3, "postgres_cut_in_commit": 3, "postgres_stall": 2},
}
_PAST_SHARD_LEASE_S, _PAST_DELIVERY_LEASE_S = 7.0, 28.0
_HOSTILE = ("1000000000", "-5", "soon", "Wed, 21 Oct 2015 07:28:00 GMT", "", "2.5")
_FAULTS: tuple[Mapping[str, object], ...] = (
    {"kind": "drop_after_accept"},
    {"kind": "reset"},
    {"kind": "half_answer"},
    {"kind": "drip", "delay_s": 3.0},
    {"kind": "drip", "delay_s": 20.0},
    {"kind": "slow", "delay_s": 2.0},
    {"kind": "http_500", "accepted": True},
    {"kind": "http_502"},
    {"kind": "html_200"},
    {"kind": "html_200", "accepted": True},
    {"kind": "throttle", "retry_after": 2},
)


def enough(kills: int, groups: int) -> float:
    """Seconds in which so many faults leave the house time to work between them, and so many groups are posted to
    within their platforms' limits: 500 for 200 faults and 10,000 groups."""
    return max(75.0, 2.5 * kills, groups / 20)


def schedule(seed: int, *, database: str, kills: int, groups: int, seconds: float) -> Scenario:
    """A run of about so many seconds in which events begin, with `kills` faults of processes and servers."""
    dice = random.Random(seed)
    players = cast(groups)
    campaigns = _campaigns(players, seconds)
    events = [
        *_launches(dice, seconds),
        *_orders(dice, seconds),
        *_process_faults(dice, database=database, kills=kills, seconds=seconds),
        *_platform_faults(dice, players, seconds=seconds, count=max(6, kills)),
    ]
    ordered = sorted(events, key=lambda event: event.at)
    workers, patience_s = 3 if groups >= 200 else 2, 50.0 + seconds * 2 / 3
    return Scenario(seed, players, campaigns, ordered, workers, patience_s, linger_s=patience_s)


def _campaigns(players: Cast, seconds: float) -> list[Campaign]:
    """Paced so that three campaigns to everybody fill the run."""
    busiest = max(sum(one.account == account.name for one in players.groups) for account in players.accounts)
    mean = 0.75 * seconds / (3 * busiest)
    least, most = round(mean * 0.5, 3), round(mean * 1.5, 3)
    return [
        Campaign("c1", None, least, most),
        Campaign("c2", None, least, most, relay_minutes=round(seconds * 1.2 / 60, 3), reminders=(50,)),
        Campaign("c3", None, least, most),
        Campaign("c4", tag=BURST, priority="incident"),
        Campaign("c5", None, mean, 3 * mean, relay_minutes=round(max(6.0, seconds * 0.15) / 60, 3)),
    ]


def _launches(dice: random.Random, seconds: float) -> Iterator[Event]:
    for name, share in (("c1", 0.0), ("c2", 0.12), ("c3", 0.25), ("c4", 0.4), ("c5", 0.6)):
        yield Event(seconds * share + dice.uniform(0, 0.05 * seconds), "launch", campaign=name, pick=dice.random())


def _orders(dice: random.Random, seconds: float) -> Iterator[Event]:
    yield Event(dice.uniform(0.15, 0.35) * seconds, "pause", campaign="c1", lasts=dice.uniform(3.5, 7.0))
    yield Event(dice.uniform(0.45, 0.75) * seconds, "pause", campaign="c2", lasts=dice.uniform(3.5, 7.0))
    yield Event(dice.uniform(0.4, 0.7) * seconds, "cancel", campaign="c3")
    yield Event(dice.uniform(0.35, 0.8) * seconds, "kill_switch", lasts=dice.uniform(3.5, 6.0))
    yield Event(dice.uniform(0.3, 0.9) * seconds, "twins", campaign="c1", pick=dice.random())
    for name in ("c1", "c2"):
        yield Event(dice.uniform(0.5, 0.95) * seconds, "press_twice", campaign=name, pick=dice.random())


def _process_faults(dice: random.Random, *, database: str, kills: int, seconds: float) -> Iterator[Event]:
    weights = _WEIGHTS[database]
    kinds = dice.choices(list(weights), list(weights.values()), k=kills)
    long_stop = seconds >= 60
    for kind in kinds:
        lasts = dice.uniform(0.1, 1.5)
        if kind == "worker_stop":
            lasts, long_stop = (_PAST_DELIVERY_LEASE_S if long_stop else _PAST_SHARD_LEASE_S), False
        elif kind in {"postgres_crash", "postgres_stall"}:
            lasts = dice.uniform(0.5, 3.0)
        yield Event(dice.uniform(0.05, 1.0) * seconds, kind, pick=dice.random(), lasts=lasts)


def _platform_faults(dice: random.Random, players: Cast, *, seconds: float, count: int) -> Iterator[Event]:
    """Each strikes a few calls of one platform; hostile waits only single chats, for they hold an hour at the most."""
    for _ in range(count):
        fault = {**dice.choice(_FAULTS), "platform": dice.choice(("telegram", "wecom", "webhook")), "target": "*"}
        if fault == {"kind": "html_200", "platform": "webhook", "target": "*"}:
            fault["accepted"] = True  # any 2xx is a receiver's yes
        if fault["kind"] == "throttle" and (fault["platform"] == "wecom" or dice.random() < 0.5):
            chat = dice.choice([one for one in players.groups if one.leader is None])
            fault = {**fault, "platform": chat.platform, "target": chat.target, "says": dice.choice(_HOSTILE)}
        yield Event(dice.uniform(0.02, 0.95) * seconds, "platform", what={**fault, "times": dice.randint(1, 4)})
    yield Event(dice.uniform(0.2, 0.5) * seconds, "credential", pick=dice.random(), lasts=dice.uniform(3.0, 8.0))
    for kind, platform in (("kicked", "wecom"), ("kicked", "webhook"), ("moved", "telegram")):
        yield Event(dice.uniform(0.05, 0.6) * seconds, kind, pick=dice.random(), what={"platform": platform})
