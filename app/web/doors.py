"""In and out: with a key, with a one-time link, out of this browser or of all; and the language one reads in."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from app.core.errors import Forbidden
from app.domain.access import service as access
from app.flows import sign_in
from app.flows.kit import Kit
from app.web.cookies import drop_session, keep_language, keep_session, session_token
from app.web.desk import Reads, render
from app.web.gate import Noise, TooMany, foreign
from app.web.pages import HEADERS
from app.web.reader import Reader, own_path, reader_of
from app.web.words import WORDS

router = APIRouter()


class Door:
    """One request of somebody who need not be signed in."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.kit: Kit = request.app.state.kit
        self.reader: Reader = reader_of(request, self.kit)

    def own(self) -> None:
        """Raises Forbidden when another website sent this."""
        if foreign(self.request, self.kit.settings.base_url):
            raise Forbidden("foreign_post", "This was sent by another website, so nothing was done.")

    async def word(self, name: str) -> str:
        """One field of the form."""
        async with self.request.form(max_files=0, max_fields=20) as form:
            value = form.get(name, "")
        return value if isinstance(value, str) else ""

    def wrong(self) -> bool:
        """Note one unknown key or link; True when this address had its share for now. A right one is always heard."""
        state = self.request.app.state
        if getattr(state, "wrong_keys", None) is None:
            state.wrong_keys = Noise()
        noise: Noise = state.wrong_keys
        client = self.request.client
        return noise.too_much(client.host if client else "", self.kit.clock.now())

    def opened(self, token: str, path: str) -> Response:
        answer = RedirectResponse(self.reader.to(path), status_code=303, headers=HEADERS)
        keep_session(answer, self.kit, token)
        return answer

    def page(self, template: str, *, status: int = 200, **values: Any) -> Response:
        return render(template, self.reader, request=self.request, status=status, desk=None, **values)


async def door(request: Request) -> Door:
    return Door(request)


At = Annotated[Door, Depends(door)]


@router.get("/signin")
async def knock(at: At, next: str = "/", said: str = "") -> Response:  # noqa: A002 - the name in the address
    left = at.reader.say_or(f"said_{said}", "") if said.startswith("signed_out") else ""
    return at.page("signin.html", next=own_path(next), wrong="", said=left)


@router.post("/signin")
async def enter(at: At) -> Response:
    """Sign in with a key. A wrong one is answered the same way whatever is wrong with it."""
    at.own()
    key, then = (await at.word("key")).strip(), own_path(await at.word("next"))
    old = session_token(at.request, at.kit)
    token = await sign_in.by_key(at.kit, key, instead_of=old)
    if token is not None:
        return at.opened(token.text, then)
    noisy = at.wrong()
    wrong = at.reader.say("too_many_keys" if noisy else "wrong_key")
    return at.page("signin.html", status=429 if noisy else 401, next=then, wrong=wrong, said="")


@router.get("/signin/{token}")
async def show_link(at: At, token: str) -> Response:
    """What a one-time link would do. Chat programs may look at it as often as they like."""
    caller = await sign_in.invited(at.kit, token)
    if caller is None:
        return _gone(at)
    async with at.kit.db.read() as tx:
        center = await access.center(tx, caller.center_id)
    return at.page("signin_link.html", caller=caller, center=center.name, token=token)


@router.post("/signin/{token}")
async def use_link(at: At, token: str) -> Response:
    at.own()
    session = await sign_in.by_link(at.kit, token, instead_of=session_token(at.request, at.kit))
    return at.opened(session.text, "/") if session else _gone(at)


def _gone(at: Door) -> Response:
    if at.wrong():
        raise TooMany("too_many_unknown_links", "Too many unknown links from this address; wait a minute.")
    return at.page("signin_link.html", status=404, caller=None)


@router.post("/signout")
async def leave(desk: Reads) -> Response:
    await sign_in.sign_out(desk.kit, desk.who)
    return _left(desk, "signed_out")


@router.post("/signout/everywhere")
async def leave_everywhere(desk: Reads) -> Response:
    """Every browser that is signed in with this key."""
    await sign_in.sign_out_everywhere(desk.kit, desk.who)
    return _left(desk, "signed_out_everywhere")


def _left(desk: Reads, said: str) -> Response:
    answer = desk.go("/signin", said=said)
    drop_session(answer, desk.kit)
    return answer


@router.post("/language")
async def speak(at: At) -> Response:
    """The language of every page from now on, in this browser."""
    at.own()
    wish = await at.word("language")
    back = own_path(await at.word("back"))
    answer = RedirectResponse(at.reader.to(back), status_code=303, headers=HEADERS)
    if wish in WORDS:
        keep_language(answer, at.kit, wish)
    return answer


def door_to(path: str) -> str:
    """Where somebody signs in who wanted to go to this path."""
    return "/signin" if own_path(path) == "/" else f"/signin?{urlencode({'next': own_path(path)})}"
