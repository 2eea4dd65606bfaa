"""Simulated leaders: their chat programs preview a relay link at once, and then they do as their persona does."""

import asyncio
import re
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel, ConfigDict, Field

LINK = re.compile(r"(https?://[^\s/]+(?:/[^\s]*?)?)/r/(rl_[A-Za-z0-9_]+)")
TRIES = 5
PAUSE_S = 0.5

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_OPEN = {"assigned", "acknowledged", "missed"}
_WECOM = (
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36 wxwork/4.1.38 "
    "MicroMessenger/7.0.1"
)
_ROBOTS = {
    "discord": "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "slack": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "telegram": "TelegramBot (like TwitterBot)",
    "mattermost": "Mattermost-Bot/1.1",
    "googlechat": "Google-PageRenderer Google (+https://developers.google.com/+/web/snippet/)",
    "teams": "SkypeUriPreview Preview/0.5",
    "dingtalk": "DingTalkBot-LinkService/1.0 (+https://open-doc.dingtalk.com/microapp/faquestions/ftpfeu)",
    "wecom": _WECOM,
    "wecom_app": _WECOM,
    "matrix": "Synapse (bot; +https://github.com/matrix-org/synapse)",
    "webhook": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
}
_EVERYWHERE = ("facebookexternalhit/1.1", "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)")


class Persona(StrEnum):
    PROMPT = "prompt"  # says done for each group
    LATE = "late"  # the same, after a delay that is meant to pass the deadline
    SILENT = "silent"  # only his phone's preview robots ever look
    REFUSES = "refuses"  # says for each group that he cannot
    ALL_DONE = "all_done"  # presses the one button for all groups
    ACKNOWLEDGES = "acknowledges"  # says he has it, and no more


_SENDS = {Persona.PROMPT, Persona.LATE, Persona.ALL_DONE}
"""Who presses send where a platform itself asks him to."""


class Person(BaseModel):
    """Whoever reads the chat `target`, and what he does `delay_s` after a relay link comes in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    platform: str
    target: str
    persona: Persona
    delay_s: Annotated[float, Field(ge=0, le=86_400)] = 1.0


class Handed(BaseModel):
    """A link handed to a leader on paper."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
    persona: Persona
    delay_s: Annotated[float, Field(ge=0, le=86_400)] = 1.0


@dataclass(frozen=True)
class Deed:
    """One thing a leader or his phone did with a link; `link` is its public part, `status` the page's answer."""

    at: float
    platform: str
    target: str
    persona: str
    link: str
    did: str
    status: int


class Leaders:
    """Everyone who reads the practice chats."""

    def __init__(self) -> None:
        self._people: dict[tuple[str, str], Person] = {}
        self._deeds: list[Deed] = []
        self._busy: set[asyncio.Task[None]] = set()
        self._client: httpx.AsyncClient | None = None

    def put(self, people: Sequence[Person]) -> None:
        self._people.update({(person.platform, person.target): person for person in people})

    def heard(self, platform: str, target: str, text: str) -> None:
        """A message now stands in a chat: its links are opened, if someone reads it."""
        person = self._people.get((platform, target))
        if person is not None:
            for base, token in LINK.findall(text):
                self._begin(base, token, person)

    def asked(self, platform: str, owner: str, press: Callable[[], int]) -> None:
        """A platform asks the owner of groups to send a text himself. `press` does so, and answers the status."""
        person = self._people.get((platform, owner))
        if person is not None and person.persona in _SENDS:
            self._keep(self._send(person, press))

    def deliver(self, links: Sequence[Handed]) -> int:
        """Hand links over on paper; how many of them were relay links of this machine."""
        taken = 0
        for handed in links:
            found = LINK.search(handed.url)
            if found is not None:
                person = Person(platform="paper", target="", persona=handed.persona, delay_s=handed.delay_s)
                taken += self._begin(found[1], found[2], person)
        return taken

    @property
    def busy(self) -> int:
        """How many links someone still has in hand."""
        return len(self._busy)

    def shown(self) -> dict[str, object]:
        return {
            "people": [person.model_dump() for person in self._people.values()],
            "busy": self.busy,
            "deeds": [asdict(deed) for deed in self._deeds],
        }

    async def close(self) -> None:
        for task in self._busy:
            task.cancel()
        await asyncio.gather(*self._busy, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    def _begin(self, base: str, token: str, person: Person) -> bool:
        if urlsplit(base).hostname not in _LOOPBACK:
            return False
        self._keep(self._live(base, token, person))
        return True

    def _keep(self, what: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(what)
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)

    async def _send(self, person: Person, press: Callable[[], int]) -> None:
        await asyncio.sleep(person.delay_s)
        who = (person.platform, person.target, person.persona.value)
        self._deeds.append(Deed(round(time.monotonic(), 3), *who, link="", did="pressed send", status=press()))

    async def _live(self, base: str, token: str, person: Person) -> None:
        agents = (_ROBOTS.get(person.platform, _ROBOTS["webhook"]), *_EVERYWHERE)
        for agent in agents:
            for method in ("GET", "HEAD"):
                await self._ask(method, f"{base}/r/{token}", person, did=f"previewed by {method}", agent=agent)
        if person.persona is Persona.SILENT:
            return
        await asyncio.sleep(person.delay_s)
        twin = f"{base}/hooks/ack/{token}"
        if person.persona is Persona.ALL_DONE:
            await self._ask("POST", f"{twin}/all", person, did="all done", json={"action": "done"})
            return
        page = await self._ask("GET", twin, person, did="looked")
        for relay in _open_relays(page):
            word = _word(person.persona)
            await self._ask("POST", f"{twin}/relays/{relay}", person, did=word["action"], json=word)

    async def _ask(
        self, method: str, url: str, person: Person, *, did: str, json: object = None, agent: str = "Mozilla/5.0"
    ) -> httpx.Response | None:
        """One request; tried again like a person presses again when the page breaks. The links are idempotent."""
        answer = None
        for attempt in range(TRIES):
            if attempt:
                await asyncio.sleep(PAUSE_S * attempt)
            try:
                answer = await self._opened().request(method, url, json=json, headers={"User-Agent": agent})
            except httpx.HTTPError:
                continue
            if answer.status_code < 500:
                break
        link = urlsplit(url).path.split("rl_")[-1].split("_")[0]
        status = answer.status_code if answer is not None else 0
        who = (person.platform, person.target, person.persona.value)
        self._deeds.append(Deed(round(time.monotonic(), 3), *who, f"rl_{link}", did, status))
        return answer

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            limits = httpx.Limits(max_connections=10, max_keepalive_connections=10, keepalive_expiry=3)
            self._client = httpx.AsyncClient(trust_env=False, timeout=httpx.Timeout(10, pool=None), limits=limits)
        return self._client


def _word(persona: Persona) -> dict[str, str]:
    if persona is Persona.REFUSES:
        return {"action": "cannot", "reason": "travelling"}
    return {"action": "acknowledge" if persona is Persona.ACKNOWLEDGES else "done"}


def _open_relays(page: httpx.Response | None) -> Sequence[str]:
    """The relays on a page that still wait for a word, read from the page's JSON twin."""
    if page is None or page.status_code != 200:
        return ()
    return [str(relay["id"]) for relay in page.json()["relays"] if relay.get("state") in _OPEN]
