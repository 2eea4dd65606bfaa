"""What comes in through a relay link: its shapes, and the one way each of them reaches the ledger."""

import re
from typing import Annotated, Literal, NoReturn, TypeVar

from fastapi import Depends, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from app.core.errors import AppError, Forbidden, NotFound
from app.core.images import Image
from app.core.text import allowed
from app.domain.campaigns import service as campaigns
from app.domain.links import service as links
from app.domain.links.rules import Key
from app.domain.pictures import service as pictures
from app.domain.pictures.service import Bytes
from app.domain.relays.states import State
from app.flows.confirm import confirm, confirm_all
from app.flows.hear import Action
from app.flows.kit import Kit
from app.flows.oversee import Act, oversee
from app.flows.read_brief import read_brief
from app.reports.branch_page import BranchPage, branch_page
from app.reports.proofs import takes_picture
from app.reports.relay_page import RelayPage, relay_page
from app.reports.was_his import was_his
from app.web.gate import Noise, TooMany, foreign

T = TypeVar("T")

PHONE_COOKIE = "muster_phone"

_RELAY_ID = re.compile(r"[a-z]{2,4}_[0-9a-z]{1,48}", re.ASCII)

Words = Annotated[str, StringConstraints(max_length=500), AfterValidator(allowed), AfterValidator(str.strip)]


class Said(BaseModel):
    """What a leader says about one group. `reason` goes with "cannot": `travelling`, `not_in_group`,
    `group_dissolved`, `text_wrong`, `other`, or words; `proof` goes with "done": a message link, words, or the code
    that stands in the group."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    action: Action
    reason: Words = ""
    proof: Words = ""


class SaidOfAll(BaseModel):
    """Every open group is done; with `relays`, those of them that are named."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    action: Literal["done"] = "done"
    relays: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=5_000)] | None = None


class AnswerShape(BaseModel):
    """How the relay stands now; `changed` says whether this very word moved it."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    state: State
    late: bool
    changed: bool


class AnswersShape(BaseModel):
    """How every group the leader was asked for stands now."""

    relays: list[AnswerShape]
    changed: int


class NotYours(NotFound):
    """The leader had this group once, and has no word in it any more."""


class Knock:
    """One request with a token: who asks, of which process. Every way in goes through here."""

    def __init__(self, request: Request, token: str) -> None:
        self.kit: Kit = request.app.state.kit
        self.token = token
        self.key = Key(token, request.cookies.get(PHONE_COOKIE, ""))
        self._request = request

    def unknown(self) -> AppError:
        """The one answer to every link that opens nothing, until there are too many of them."""
        state = self._request.app.state
        if getattr(state, "noise", None) is None:
            state.noise = Noise()
        noise: Noise = state.noise
        client = self._request.client
        if noise.too_much(client.host if client else "", self.kit.clock.now()):
            return TooMany("too_many_unknown_links", "Too many unknown links from this address; wait a minute.")
        return NotFound("unknown_link", "This link is unknown or has expired.")

    def own(self) -> None:
        """Raises Forbidden when another website sent this."""
        if foreign(self._request, self.kit.settings.base_url):
            raise Forbidden("foreign_post", "This was sent by another website, so it was not recorded.")

    async def look(self) -> RelayPage:
        """What the link shows. Changes nothing."""
        return self._found(await self.peek())

    async def peek(self) -> RelayPage | None:
        """What the link shows to whom it knows; None is no noise. Changes nothing."""
        async with self.kit.db.read() as tx:
            link = await links.open_key(tx, self.key)
            page = None
            if link is not None:
                page = await relay_page(tx, link.center_id, campaign_id=link.campaign_id, leader_id=link.leader_id)
        return page

    async def picture(self) -> Bytes:
        """The picture of what the link shows. Changes nothing. Raises NotFound."""
        async with self.kit.db.read() as tx:
            link = await links.open_key(tx, self.key)
            campaign = await campaigns.found(tx, link.center_id, link.campaign_id) if link else None
            named = campaign.picture_id if campaign else None
            return await pictures.content(tx, campaign.center_id, named) if campaign and named else self._found(None)

    async def look_branch(self, page: int) -> BranchPage | None:
        """The branches of whom the link knows; None where it knows nobody. Changes nothing. Raises NotFound where he
        leads none with a group of the campaign."""
        async with self.kit.db.read() as tx:
            link = await links.open_key(tx, self.key)
            if link is None:
                return None
            ids = {"campaign_id": link.campaign_id, "leader_id": link.leader_id}
            return self._found(await branch_page(tx, link.center_id, page=page, **ids))

    async def oversee(self, relay_id: str, act: Act) -> bool:
        known = _RELAY_ID.fullmatch(relay_id) is not None
        return self._found(await oversee(self.kit, self.key, relay_id, act) if known else None)

    async def read(self) -> bool:
        return self._found(await read_brief(self.kit, self.key))

    async def tell(self, relay_id: str, said: Said, *, picture: Image | None = None) -> AnswerShape:
        known = _RELAY_ID.fullmatch(relay_id) is not None
        answer = known and await confirm(
            self.kit,
            self.key,
            relay_id,
            action=said.action,
            reason=said.reason,
            proof=said.proof,
            picture=picture,
        )
        return AnswerShape.model_validate(answer or await self._nothing(relay_id))

    async def pictures_for(self, relay_id: str) -> int:
        """How many pictures the link may show as a proof for this relay. Changes nothing. Raises NotFound as `tell`."""
        takes: bool | None = None
        if _RELAY_ID.fullmatch(relay_id):
            async with self.kit.db.read() as tx:
                link = await links.open_key(tx, self.key)
                takes = await takes_picture(tx, link, relay_id) if link else None
        return int(await self._nothing(relay_id) if takes is None else takes)

    async def _nothing(self, relay_id: str) -> NoReturn:
        """The link has no word in this relay: why not."""
        if _RELAY_ID.fullmatch(relay_id):
            async with self.kit.db.read() as tx:
                link = await links.open_key(tx, self.key)
                if link is not None and await was_his(tx, link.campaign_id, link.leader_id, relay_id):
                    raise NotYours("not_yours", "Somebody else answers for this group now; nothing was recorded.")
        raise self.unknown()

    async def tell_all(self, said: SaidOfAll) -> AnswersShape:
        answers = self._found(await confirm_all(self.kit, self.key, only=said.relays))
        shapes = [AnswerShape.model_validate(answer) for answer in answers]
        return AnswersShape(relays=shapes, changed=sum(answer.changed for answer in answers))

    def _found(self, found: T | None) -> T:
        if found is None:
            raise self.unknown()
        return found


async def knock(request: Request, token: str) -> Knock:
    return Knock(request, token)


async def own_knock(request: Request, token: str) -> Knock:
    """A knock that may change something: refused when another website sent it."""
    found = Knock(request, token)
    found.own()
    return found


Looking = Annotated[Knock, Depends(knock)]
Telling = Annotated[Knock, Depends(own_knock)]
