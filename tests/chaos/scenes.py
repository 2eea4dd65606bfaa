"""Small scenarios, each of which provokes one thing on purpose: where a planted bug must show."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from tests.chaos.cast import BURST, Account, Cast, Group, Person, cast
from tests.chaos.scenario import Campaign, Event, Scenario

LASTS_S = 5.0
_PACED = Campaign("c1", None, 0.2, 0.4)


def _scene(
    *events: Event,
    players: Cast | None = None,
    campaigns: Sequence[Campaign] = (_PACED,),
    workers: int = 2,
    patience_s: float = 40.0,
) -> Scenario:
    launches = [Event(0.0, "launch", campaign=one.name) for one in campaigns]
    everything = sorted([*launches, *events, Event(LASTS_S, "quiet")], key=lambda event: event.at)
    return Scenario(0, players or cast(24), campaigns, everything, workers, patience_s, settle=False)


def _wrong(kind: str, platform: str = "*", at: float = 0.0, **what: object) -> Event:
    return Event(at, "platform", what={"kind": kind, "platform": platform, **what})


def short(database: str) -> Scenario:
    """A little of everything, for every run of the test suite. Nothing in it lasts longer than a worker that stands
    still past the lease of its shards."""
    campaigns = [Campaign("c1", None, 0.3, 0.6), Campaign("c2", BURST, 0.5, 0.9)]
    events = [
        Event(0.0, "kicked", pick=0.3, what={"platform": "wecom"}),
        Event(0.0, "moved", pick=0.6, what={"platform": "telegram"}),
        Event(0.1, "credential", lasts=1.0),
        _wrong("drop_after_accept", "wecom", at=0.5, times=2),
        _wrong("http_500", "wecom", at=0.5, times=1, accepted=True),
        _wrong("http_502", "webhook", at=0.5, times=1),
        _wrong("half_answer", "telegram", at=1.0, times=1),
        _wrong("drop_after_accept", "webhook", at=1.0, times=2),
        _wrong("drip", "webhook", at=1.0, times=1, delay_s=2.0),
        _wrong("reset", "telegram", at=2.0, times=1),
        _wrong("html_200", "telegram", at=2.0, times=1),
        _wrong("throttle", "telegram", at=2.5, times=1, retry_after=1),
        Event(1.5, "worker_kill", pick=0.1, lasts=0.1),
        Event(2.0, "api_kill", lasts=0.1),
        Event(2.2, "twins", campaign="c1", pick=0.5),
        Event(2.5, "redis_kill", lasts=0.3),
        Event(3.0, "pause", campaign="c1", lasts=3.0),
        Event(3.5, "cancel", campaign="c2"),
        Event(4.5, "worker_term", pick=0.9, lasts=0.1),
        Event(5.0, "press_twice", campaign="c1"),
        Event(6.0, "redis_flush"),
        Event(6.3, "worker_stop", pick=0.4, lasts=6.0),
        Event(6.5, "kill_switch", lasts=3.0),
    ]
    if database == "postgres":
        events += [Event(1.2, "postgres_cut"), Event(4.0, "postgres_cut_in_commit")]
        events += [Event(5.0, "postgres_crash"), Event(10.0, "postgres_stall", lasts=1.0)]
    return replace(_scene(*events, players=cast(28), campaigns=campaigns), linger_s=3.0)


def calm() -> Scenario:
    """Nothing happens but what was ordered."""
    return _scene()


def lost_answers() -> Scenario:
    """Messages stand, and nobody hears of it."""
    return _scene(_wrong("drop_after_accept", "telegram", times=4), _wrong("drop_after_accept", "webhook", times=4))


def cut_lines() -> Scenario:
    """Messages do not stand, and nobody hears of it."""
    return _scene(_wrong("reset", "telegram", times=4))


def asked_to_wait() -> Scenario:
    return _scene(_wrong("throttle", "telegram", times=3, retry_after=2))


def dying_workers() -> Scenario:
    """Answers take their time, and both workers die in the middle of them."""
    deaths = [Event(at, "worker_kill", pick=0.1, lasts=0.2) for at in (2.0, 2.3, 6.0, 6.3)]
    return _scene(_wrong("slow", delay_s=1.5, times=None), *deaths, patience_s=50.0)


def early_death() -> Scenario:
    """A worker dies before anything was said: it is no cause of any silence afterwards."""
    return _scene(Event(0.0, "worker_kill", pick=0.1, lasts=0.1))


def all_dead_at_once() -> Scenario:
    """Both workers die in the middle of a campaign, and others come at once."""
    slow = Campaign("c1", None, 0.8, 1.2)
    return _scene(*(Event(3.0, "worker_kill", lasts=0.1) for _ in range(2)), campaigns=[slow], patience_s=80.0)


def slow_answers() -> Scenario:
    """Long enough for two workers to take the same delivery, if they could."""
    return _scene(_wrong("slow", delay_s=0.7, times=None))


def paused() -> Scenario:
    slow = Campaign("c1", None, 0.5, 0.8)
    return _scene(Event(1.5, "pause", campaign="c1", lasts=5.0), campaigns=[slow])


def too_late() -> Scenario:
    """A campaign that cannot be done before its deadline."""
    return _scene(campaigns=[Campaign("c1", None, 1.5, 2.0, relay_minutes=0.1)])


def many_to_the_same() -> Scenario:
    """Eight campaigns to the same few chats, as fast as may be."""
    return _scene(players=_telegram(4), campaigns=[Campaign(f"c{n}") for n in range(1, 9)])


def one_to_many() -> Scenario:
    """One bot, eighty groups, no pause."""
    return _scene(players=_telegram(80), campaigns=[Campaign("c1")])


def succession() -> Scenario:
    """The only worker dies when its chats have had nearly all their platform lets them have in a minute."""
    campaigns = [Campaign(f"c{n}") for n in range(1, 31)]
    death = Event(20.0, "worker_kill", lasts=0.1)
    return _scene(death, players=_telegram(2), campaigns=campaigns, workers=1, patience_s=75.0)


def dead_credential() -> Scenario:
    return _scene(
        Event(1.0, "credential", lasts=9.0), players=_telegram(24), campaigns=[Campaign("c1", None, 0.3, 0.5)]
    )


def silent_leader() -> Scenario:
    """A leader's phone looks at the link, and he does nothing."""
    silent = Person("Leader00", "telegram:7000", "silent", 0.5)
    leads = [Group(f"M{n}", "manual", "", "", "", silent) for n in range(3)]
    players = _telegram(2)
    return _scene(players=Cast(players.accounts, [silent], [*players.groups, *leads]))


def said_again() -> Scenario:
    """The same draft is posted three times at once, and again."""
    twice = Event(0.0, "launch", campaign="c1", pick=0.9)
    return Scenario(0, cast(12), [_PACED], [twice, Event(2.0, "twins", campaign="c1")], patience_s=20.0, settle=False)


def _telegram(groups: int) -> Cast:
    bot = Account("bot-0", "telegram", "100:practice-token-of-bot-0")
    chats: Iterable[str] = (f"-1007{number:05}" for number in range(groups))
    return Cast([bot], [], [Group(f"T{n:04}", "telegram", chat, chat, bot.name) for n, chat in enumerate(chats)])
