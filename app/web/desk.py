"""An operator at his desk: who is signed in, with which duty, and how his pages and answers are made."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel
from starlette.datastructures import FormData, UploadFile

from app.core.errors import Forbidden, Unauthorized
from app.domain.access.rules import Caller
from app.domain.access.states import Duty
from app.domain.sessions.rules import is_form_token
from app.flows.kit import Kit
from app.flows.sign_in import SignedIn, signed_in
from app.web.cookies import session_token
from app.web.fields import shaped
from app.web.gate import foreign
from app.web.nav import entries
from app.web.pages import HEADERS, asset, packed, templates
from app.web.reader import Reader, own_path, reader_of

Shape = TypeVar("Shape", bound=BaseModel)

FORM_TOKEN, FORM_TOKEN_HEADER = "form_token", "x-muster-token"
MOST_FIELDS = 12_000


class Desk:
    """One request of somebody who is signed in. `form` holds what a POST sent."""

    def __init__(self, request: Request, kit: Kit, who: SignedIn, form: FormData | None) -> None:
        self.request = request
        self.kit = kit
        self.who = who
        self.form = form
        self.reader: Reader = reader_of(request, kit, timezone=who.timezone)

    @property
    def caller(self) -> Caller:
        return self.who.caller

    @property
    def center_id(self) -> str:
        return self.who.caller.center_id

    @property
    def partial(self) -> bool:
        """Whether htmx asks for a piece of a page, not for a whole one."""
        return self.request.headers.get("hx-request") == "true"

    def may(self, duty: str) -> bool:
        return self.caller.may(Duty(duty))

    def fields(self, shape: type[Shape]) -> Shape:
        """What the form says, in this shape. Raises Invalid."""
        sent = {name: value for name, value in (self.form or {}).items() if name != FORM_TOKEN}
        return shaped(shape, sent)

    def sent(self, name: str) -> UploadFile | str:
        """One field of the form as it came; empty where there is none."""
        return self.form.get(name, "") if self.form else ""

    def page(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """A whole page, or a piece of one."""
        return render(
            template,
            self.reader,
            request=self.request,
            status=status,
            desk=self,
            may=self.may,
            nav=entries(self.caller),
            said=_said(self.request, self.reader),
            form_token=self.who.form_token,
            **values,
        )

    def ask(
        self,
        what: str,
        *,
        action: str,
        grave: bool = False,
        note: str = "",
        lines: Sequence[str] = (),
        **places: object,
    ) -> Response:
        """Ask before something is done: `ask_<what>` with its places filled says what will happen to how much, and the
        yes is a POST to `action`. A page of its own, or what a dialog shows; `note` labels a line of words to add,
        `lines` say it in detail."""
        return self.page(
            "ask.html",
            heading=self.reader.say(f"ask_{what}", **places),
            body=self.reader.say(f"ask_{what}_body", **places),
            yes=self.reader.say(f"ask_{what}_yes"),
            action=action,
            grave=grave,
            note=note,
            lines=lines,
            back=own_path(self.request.query_params.get("back", "/")),
        )

    def go(self, path: str, *, said: str | None = None, **query: str) -> Response:
        """After a POST: to the page that shows what became of it. `said` names a phrase, `said_…`."""
        asked = {**query, **({"said": said} if said else {})}
        where = self.reader.to(path) + (f"?{urlencode(asked)}" if asked else "")
        return RedirectResponse(where, status_code=303, headers=HEADERS)


def render(
    template: str,
    reader: Reader,
    *,
    request: Request,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> Response:
    """A page of the board for one reader. In templates `say` speaks his language, `when` shows a moment on his clock,
    `to` makes a path of ours one that is reached from outside."""
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    page = _written(template, reader, here=here, **values)
    return packed(page, request=request, status=status, headers={**HEADERS, **(headers or {})})


def piece(template: str, reader: Reader, **values: Any) -> str:
    """A piece of pages that stand open, as text, the same for everybody who reads alike: nobody's rights and no
    session's form token are in it."""
    return _written(template, reader, here="", **values)


def _written(template: str, reader: Reader, **values: Any) -> str:
    return templates.get_template(template).render(
        reader=reader,
        say=reader.say,
        say_or=reader.say_or,
        when=reader.when,
        to=reader.to,
        reason=reader.reason,
        asset=asset,
        **values,
    )


def _said(request: Request, reader: Reader) -> str:
    """The phrase the last step left behind, if it is one of ours."""
    return reader.say_or(f"said_{request.query_params.get('said', '')}", "")


def needs(duty: Duty) -> Callable[..., AsyncIterator[Desk]]:
    """A dependency that admits whoever is signed in with this duty. `tests/architecture` finds the duty by its
    `duty` attribute. A POST must come from one of our own pages, of this very session."""

    async def admitted(request: Request) -> AsyncIterator[Desk]:
        kit: Kit = request.app.state.kit
        token = session_token(request, kit)
        who = await signed_in(kit, token) if token else None
        if token is None or who is None:
            raise Unauthorized("not_signed_in", "Sign in first.")
        form = None
        if request.method not in {"GET", "HEAD"}:
            if foreign(request, kit.settings.base_url):
                raise Forbidden("foreign_post", "This was sent by another website, so nothing was done.")
            form = await request.form(max_files=1, max_fields=MOST_FIELDS)
            _own(request, form, token)
        if not who.caller.may(duty):
            raise Forbidden("role_too_small", f"A key with the role {who.caller.role} may not do this.")
        try:
            yield Desk(request, kit, who, form)
        finally:
            if form is not None:
                await form.close()

    admitted.duty = duty  # type: ignore[attr-defined]
    return admitted


def _own(request: Request, form: FormData, token: str) -> None:
    given = request.headers.get(FORM_TOKEN_HEADER) or form.get(FORM_TOKEN)
    if not isinstance(given, str) or not is_form_token(given, token):
        raise Forbidden("stale_form", "This form is not of this session, so nothing was done. Reload the page.")


Reads = Annotated[Desk, Depends(needs(Duty.READ))]
Operates = Annotated[Desk, Depends(needs(Duty.OPERATE))]
Approves = Annotated[Desk, Depends(needs(Duty.APPROVE))]
Stops = Annotated[Desk, Depends(needs(Duty.STOP))]
Owns = Annotated[Desk, Depends(needs(Duty.OWN))]
