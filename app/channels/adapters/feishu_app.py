"""Feishu (飞书) and Lark app messages: a bot with an app's credential says it in a chat, or to one person
(`im/v1/messages`). Platform facts: platforms.md, section 3b."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal
from urllib.parse import quote

from app.channels.adapters.answers import of_recall, say
from app.channels.adapters.feishu_answers import not_edited, stale, token_for, understood, without_right
from app.channels.adapters.feishu_tells import told
from app.channels.adapters.feishu_words import BASE, HOSTS, carded, quiet, worded
from app.channels.adapters.tokens import Ask, Token, Tokens, account_of, checked, lent
from app.channels.adapters.uploads import UPLOAD_S, not_uploaded
from app.channels.inbound import Call, Hearing, Refusal
from app.channels.markup.robots import FEISHU
from app.channels.port import Checked, Credential, Given, Outcome, Picture, Post, Posted, Size, Unit, Verdict
from app.channels.published import paced
from app.core.http import File, Http, Reply, Request
from app.core.limits import Limit

_PATH = "/open-apis/im/v1/messages"
_PINS = "/open-apis/im/v1/pins"
_IMAGES = "/open-apis/im/v1/images"
_KEYED_S = 3600.0  # "at most one success per uuid in 1 h"

_CHAT = re.compile(r"oc_[A-Za-z0-9_-]{4,64}", re.ASCII)
_PERSON = re.compile(r"ou_[A-Za-z0-9_-]{4,64}", re.ASCII)


class FeishuApp:
    """The app's secret buys a token for two hours. `uuid` is the post's key: Feishu posts it once an hour at most."""

    name = "feishu_app"
    platform = "feishu"
    hosts: tuple[str, ...] = HOSTS
    account_secret: tuple[str, ...] = ("app_id", "app_secret")
    optional_secret: tuple[str, ...] = ("verification_token", "encrypt_key")
    url_addresses = False
    keyed: float | None = _KEYED_S
    recall_within: float | None = 24 * 3600.0
    edit_within: float | None = 14 * 24 * 3600.0  # a card's; a text's is the organisation's own setting
    limits: tuple[Limit, ...] = paced("feishu_app")
    size = Size(36_000, Unit.BYTES, sent=quiet)  # of 150 KB; JSON in JSON takes four bytes for a quote
    marked_size = Size(7_000, Unit.BYTES)  # with a card at 30 KB
    beside_picture = 0
    calls_everyone: Literal[True] = True
    dialect = FEISHU

    def __init__(self, tokens: Tokens | None = None) -> None:
        self._tokens = tokens or Tokens()
        self._pictures = Tokens(fetch_s=UPLOAD_S)

    def address_problem(self, address: str) -> str | None:
        if _CHAT.fullmatch(address) or _PERSON.fullmatch(address):
            return None
        return "A Feishu app writes to a chat's id, oc_…, or to a person's open id, ou_…."

    async def make_ready(self, post: Post, http: Http) -> Given | Outcome:
        lies = await self._pictures.lend(self._upload(post, post.picture, http)) if post.picture else ""
        if isinstance(lies, Outcome):
            return lies
        given = await self._tokens.ready(_lent_by(post, http))
        return given if isinstance(given, Outcome) else replace(given, picture=lies)

    async def post(self, post: Post, http: Http) -> Outcome:
        group = _kind(post.address) == "chat_id"
        sort, content = "interactive" if post.marked else "text", _content(post)
        if post.picture is not None:
            sort, content = "image", json.dumps({"image_key": post.given.picture})
        body = {"receive_id": post.address, "msg_type": sort, "content": content, "uuid": post.key}
        path = f"{_PATH}?receive_id_type={_kind(post.address)}"
        answer = await self._answered("POST", path, {"json": body}, post, http)
        if isinstance(answer, Outcome):
            return answer
        data = answer.get("data")
        number = data.get("message_id") if isinstance(data, dict) else None
        chat = data.get("chat_id") if isinstance(data, dict) else None
        if not isinstance(number, str) or not number or (group and chat is not None and chat != post.address):
            detail = "Feishu said yes, but not to this message in this chat; it may have been posted."
            return Outcome(Verdict.AMBIGUOUS, "0", detail)
        return Outcome(Verdict.SENT, "0", "Feishu took the message.", message_id=number)

    async def recall(self, posted: Posted, http: Http) -> Outcome:
        path = f"{_PATH}/{quote(posted.message_id, safe='')}"
        answer = await self._answered("DELETE", path, {}, posted, http)
        if isinstance(answer, Outcome):
            return of_recall(without_right(answer))
        return Outcome(Verdict.SENT, "0", "Feishu took the message back.")

    async def edit(self, message_id: str, post: Post, http: Http) -> Outcome:
        """A text gives way to a text, 20 times at most, and a card to a card, which is another interface."""
        path = f"{_PATH}/{quote(message_id, safe='')}"
        body = {"content": _content(post)}
        if post.marked:
            answer = await self._answered("PATCH", path, {"json": body}, post, http)
        else:
            answer = await self._answered("PUT", path, {"json": {"msg_type": "text", **body}}, post, http)
        if isinstance(answer, Outcome):
            return not_edited(answer)
        return Outcome(Verdict.SENT, "0", "The message has the new words.")

    async def pin(self, posted: Posted, http: Http) -> Outcome:
        body = {"json": {"message_id": posted.message_id}}
        answer = await self._answered("POST", _PINS, body, posted, http)
        return answer if isinstance(answer, Outcome) else Outcome(Verdict.SENT, "0", "Feishu keeps the message on top.")

    async def check(self, credential: Credential, http: Http) -> Checked:
        found = await token_for(credential, http)
        if isinstance(found, Token):
            return Checked(works=True, code="0", detail="Feishu knows this app and its secret.")
        return checked(found)

    def hear(self, call: Call) -> Hearing | Refusal:
        return told(call)

    def _upload(self, post: Post, picture: Picture, http: Http) -> Ask:
        """A picture lies with the app, whichever chat it will be shown in."""
        file = File("image", picture.filename, picture.media_type, picture.content)
        body = {"form": {"image_type": "message"}, "file": file}

        async def upload() -> Token | Outcome:
            answer = await self._answered("POST", _IMAGES, body, post, http)
            if isinstance(answer, Outcome):
                return not_uploaded(without_right(answer))
            data = answer.get("data")
            found = lent(data.get("image_key"), None) if isinstance(data, dict) else None
            return found or not_uploaded(Outcome(Verdict.AMBIGUOUS, "no_picture"))

        account = account_of(post.base_url or BASE, post.secret.get("app_id", ""), picture.id)
        return Ask(account, post.at, upload, lambda _: False)

    async def _answered(
        self, method: str, path: str, body: Mapping[str, Any], said: Post | Posted, http: Http
    ) -> Mapping[str, object] | Outcome:
        """The answer that says yes, or what any other one means."""
        base = (said.base_url or BASE).rstrip("/")
        lending = ""

        async def call(token: str) -> Reply | Outcome:
            nonlocal lending
            lending = token
            headers = {"authorization": f"Bearer {token}"}
            return await say(http, Request(f"{base}{path}", method=method, headers=headers, **body))

        reply = await self._tokens.speak(_lent_by(said, http), call, said.given)
        return reply if isinstance(reply, Outcome) else understood(reply, said, lending)


def _lent_by(said: Post | Posted, http: Http) -> Ask:
    """How the app comes by its token."""
    base = (said.base_url or BASE).rstrip("/")
    credential = Credential(said.at, said.secret, said.base_url)
    account = account_of(base, said.secret.get("app_id", ""), said.secret.get("app_secret", ""))
    return Ask(account, said.at, lambda: token_for(credential, http), stale)


def _content(post: Post) -> str:
    """JSON inside the JSON of a request: a text, or a card that is the same for all, which alone can be edited."""
    group = _kind(post.address) == "chat_id"
    if post.marked:
        said: dict[str, object] = {"config": {"update_multi": True}, "elements": [carded(post, group=group)]}
    else:
        said = {"text": worded(post, group=group)}
    return json.dumps(said, ensure_ascii=False)


def _kind(address: str) -> str:
    return "open_id" if _PERSON.fullmatch(address) else "chat_id"
