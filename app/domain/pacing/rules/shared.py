"""What accounts that are one sender to their platform have in common: its limits, its chats, the waits it asked for."""

from collections.abc import Callable, Iterable, Sequence
from heapq import heappop, heappush

from app.core.limits import Limit, Scope
from app.domain.pacing.rules.queues import Wait
from app.domain.pacing.rules.windows import NEVER, Window

AHEAD_S = 0.1
"""A pacer may be asked for a moment that is so far ahead: nothing is forgotten sooner than that after its time."""


AWAKE = Wait(0.0, "nothing")


def unheard() -> None:
    """Nobody asked to be told."""


class Sleep:
    """For how long a pacer need not be asked. `on_end` is called whenever it ends before its time."""

    def __init__(self) -> None:
        self.wait = AWAKE
        self.on_end: Callable[[], None] = unheard

    def end(self) -> None:
        """The only way out of a sleep but its time."""
        self.wait = AWAKE
        self.on_end()


class Common:
    """The memory of some limits. Every pacer that draws on it counts in it, is told when a chat is freed, and is woken
    by whatever may let somebody leave sooner, or hold them longer."""

    def __init__(self, limits: Sequence[Limit]) -> None:
        self.limits = tuple(limits)
        self._narrow = [limit for limit in limits if limit.scope is Scope.CHAT]
        self._wide = [Window(limit) for limit in limits if limit.scope is not Scope.CHAT]
        self._chats: dict[str, list[Window]] = {}
        self._shut: dict[str, float] = {}
        self._fading: list[tuple[float, str]] = []
        self._asking: dict[str, set[Callable[[str], None]]] = {}
        self.rest_until = 0.0
        self._sleeps: set[Sleep] = set()

    def ends(self, sleep: Sleep) -> None:
        """The next change ends this sleep."""
        self._sleeps.add(sleep)

    def _changed(self) -> None:
        sleeps, self._sleeps = self._sleeps, set()
        for sleep in sleeps:
            sleep.end()

    def wait(self, now: float) -> Wait | None:
        """Which limit holds everybody."""
        for window in self._wide:
            if window.free_at() > now:
                return Wait(window.free_at(), str(window.limit))
        return None

    def hold(self, chat: str, now: float, freed: Callable[[str], None]) -> Wait | None:
        """What holds this chat. `freed` is called once when that may have changed before its time."""
        if self._shut.get(chat, 0.0) > now:
            return Wait(self._shut[chat], "the platform's wait")
        for window in self._chats.get(chat, ()):
            if window.free_at() > now:
                self._asking.setdefault(chat, set()).add(freed)
                return Wait(window.free_at(), str(window.limit))
        return None

    def _windows(self, chat: str) -> Iterable[Window]:
        if self._narrow and chat not in self._chats:
            self._chats[chat] = [Window(limit) for limit in self._narrow]
        return (*self._wide, *self._chats.get(chat, ()))

    def begin(self, chat: str) -> None:
        for window in self._windows(chat):
            window.begin()

    def undo(self, chat: str) -> None:
        """It did not leave after all."""
        for window in self._windows(chat):
            window.undo()
        self._let_go(chat)

    def end(self, chat: str, at: float) -> None:
        for window in self._windows(chat):
            window.end(at)
        self._let_go(chat)

    def _let_go(self, chat: str) -> None:
        """Its windows have changed: whoever waits for them is asked again, and some day they are forgotten."""
        self._changed()
        for freed in self._asking.pop(chat, ()):
            freed(chat)
        empty_at = max((window.empty_at() for window in self._chats.get(chat, ())), default=NEVER)
        if empty_at < NEVER:
            heappush(self._fading, (empty_at, chat))

    def fade(self, now: float) -> None:
        """Forget the chats of which nothing counts any more: accounts live longer than their chats' news."""
        now -= AHEAD_S
        while self._fading and self._fading[0][0] <= now:
            _, chat = heappop(self._fading)
            if self._shut.get(chat, now) <= now:
                self._shut.pop(chat, None)
            if all(window.empty_at() <= now for window in self._chats.get(chat, ())):
                self._chats.pop(chat, None)
                self._asking.pop(chat, None)

    def shut(self, chat: str, until: float) -> None:
        """The platform asked for a wait on this chat."""
        self._changed()
        self._shut[chat] = max(until, self._shut.get(chat, 0.0))
        heappush(self._fading, (self._shut[chat], chat))

    def rest(self, until: float) -> None:
        """Everybody waits."""
        self._changed()
        self.rest_until = max(self.rest_until, until)
