"""What the one harness needs to know of a channel: how to address it, and its table of answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.channels.port import (
    Channel,
    Checked,
    Checks,
    Credential,
    MakesReady,
    Outcome,
    Post,
    Posted,
    Recalls,
    Scope,
    Verdict,
)
from app.core.addresses import Guard
from app.core.http import Http, HttpClient
from tests.channels.platform import Act, Platform, answer, platform
from tests.conftest import T0

CANARY = "SECRETxCANARYx0123456789"


async def posted_by(channel: Channel, post: Post, http: Http) -> Outcome:
    """One post, made ready first where that is to be."""
    given = await channel.make_ready(post, http) if isinstance(channel, MakesReady) else post.given
    return given if isinstance(given, Outcome) else await channel.post(replace(post, given=given), http)


@dataclass(frozen=True)
class Answer:
    """One row of a table: what the platform says, and what it has to mean."""

    name: str
    status: int
    body: bytes | str
    verdict: Verdict
    headers: Mapping[str, str] = field(default_factory=dict)
    wait_s: float | None = None
    moved_to: str | None = None
    message_id: str | None = None
    scope: Scope = Scope.CHAT

    def __str__(self) -> str:
        return self.name

    @property
    def act(self) -> Act:
        body = self.body.encode() if isinstance(self.body, str) else self.body
        return answer(self.status, self.headers, body)


@dataclass(frozen=True)
class Bench:
    """A channel on the bench: its rows, a post for it (addresses may hold `{base}`), and a good answer."""

    channel: Channel
    address: str
    secret: Mapping[str, str]
    answers: Sequence[Answer]
    good: Answer
    chats: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.channel.name

    def post(self, there: Platform) -> Post:
        return Post(
            key="dlv_0001",
            text="集合：周六 9 点 🎉 <b>&amp;",
            at=T0,
            address=self.address.replace("{base}", there.base),
            secret=self.secret,
            base_url=there.base,
            chats=self.chats,
        )

    async def say(self, act: Act, *, deadline_s: float = 5.0) -> tuple[Outcome, Platform]:
        """One post to a platform that acts like this."""
        async with platform(act) as there:
            http = HttpClient(Guard(there.hosts), deadline_s=deadline_s)
            try:
                return await posted_by(self.channel, self.post(there), http), there
            finally:
                await http.close()

    async def take_back(self, act: Act, message_id: str) -> tuple[Outcome, Platform]:
        """One recall on a platform that acts like this."""
        assert isinstance(self.channel, Recalls)
        async with platform(act) as there:
            http, said = HttpClient(Guard(there.hosts)), self.post(there)
            posted = Posted(message_id, T0, said.address, self.secret, there.base)
            try:
                return await self.channel.recall(posted, http), there
            finally:
                await http.close()

    async def ask_after(self, act: Act, secret: Mapping[str, str] | None = None) -> tuple[Checked, Platform]:
        """One question after the credential on a platform that acts like this."""
        assert isinstance(self.channel, Checks)
        async with platform(act) as there:
            http = HttpClient(Guard(there.hosts))
            credential = Credential(T0, self.secret if secret is None else secret, there.base)
            try:
                return await self.channel.check(credential, http), there
            finally:
                await http.close()


def holds_no_secret(outcome: Outcome | Checked, bench: Bench) -> bool:
    """Whether neither the outcome nor its repr repeats a secret of the post."""
    said = repr(outcome)
    return not any(secret in said for secret in (CANARY, *bench.secret.values()))


def as_expected(outcome: Outcome, row: Answer) -> bool:
    """Whether an outcome is the one the row promises, its sentence and what becomes of the address aside."""
    promised = Outcome(
        row.verdict, wait_s=row.wait_s, moved_to=row.moved_to, message_id=row.message_id, scope=row.scope
    )
    return replace(outcome, code="", detail="", left_out=frozenset(), for_good=False) == promised
