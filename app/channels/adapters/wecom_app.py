"""WeCom (企业微信) app message: a company's own app writes to one member (`message/send`). Platform facts:
platforms.md, section 1b."""

import re
from collections.abc import Mapping
from urllib.parse import quote

from app.channels.adapters.answers import (
    json_object,
    of_recall,
    off_the_page,
    quoted,
    retry_after,
    say,
    throttled,
    unforeseen,
    whole,
)
from app.channels.adapters.tokens import Ask, Token, Tokens, account_of, checked, lent, without_token
from app.channels.adapters.wecom_tells import told
from app.channels.inbound import Call, Hearing, Refusal
from app.channels.markup.robots import WECOM
from app.channels.port import Checked, Credential, Outcome, Post, Posted, Size, Unit, Verdict
from app.channels.published import paced
from app.core.http import Http, Reply, Request
from app.core.limits import Limit, Scope

_BASE = "https://qyapi.weixin.qq.com"
_BLOCK_S = 60.0  # a breach of a per-minute limit blocks for 60 s; there is no Retry-After

_MEMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}", re.ASCII)

_STALE = {40014, 41001, 42001}  # the token, not the app
_BUSY = {-1, 45033}
_APP = {
    40001: "its secret is wrong",
    40013: "the company's id is wrong",
    40056: "its agent id is wrong",
    40091: "its secret is wrong",
    48002: "it may not use this interface",
    60011: "it has no right to do this",
    60020: "it may not be used from the address of this machine; add that to its trusted addresses",
    301002: "its agent id belongs to another app",
}
_GONE = {
    40003: "there is no such member",
    60111: "there is no such member",
    81013: "the app cannot see this member, or there is none of this name",
    82001: "the app cannot see this member, or there is none of this name",
}
_CONTENT = {
    40008: "the kind of message is wrong",
    40033: "the text holds characters that are not allowed",
    40035: "a parameter is wrong",
    40058: "a parameter is wrong",
    44004: "the text is empty",
    45002: "the text is too long",
    47001: "it could not be read",
}


class WeComApp:
    """A yes means that WeCom queued the message: what exceeds a member's limit it drops without a word, and what
    exceeds the size it cuts, so both are kept here. There is no key: WeCom's own check for doubles compares words,
    and would swallow an announcement that is meant to be repeated."""

    name = "wecom_app"
    platform = "wecom"
    hosts: tuple[str, ...] = ("qyapi.weixin.qq.com",)
    account_secret: tuple[str, ...] = ("corp_id", "corp_secret", "agent_id")
    optional_secret: tuple[str, ...] = ("callback_token", "encoding_aes_key")
    url_addresses = False
    keyed: float | None = None
    recall_within: float | None = 24 * 3600.0
    limits: tuple[Limit, ...] = paced("wecom_app")
    size = marked_size = Size(2048, Unit.BYTES)
    dialect = WECOM

    def __init__(self, tokens: Tokens | None = None) -> None:
        self._tokens = tokens or Tokens()

    def address_problem(self, address: str) -> str | None:
        if _MEMBER.fullmatch(address):
            return None
        return "A WeCom app writes to one member's userid: letters, digits and _-@., as the company's directory has it."

    async def post(self, post: Post, http: Http) -> Outcome:
        agent = post.secret.get("agent_id", "")
        if not re.fullmatch(r"[0-9]{1,18}", agent):
            return Outcome(Verdict.CREDENTIAL_REFUSED, "no_agent", "This account has no agent id, which is a number.")
        kind, words = ("markdown", post.marked) if post.marked else ("text", post.text)
        if len(words.encode(errors="replace")) > self.size.most:
            detail = f"WeCom would cut this message after {self.size.most} bytes without a word; nothing was posted."
            return Outcome(Verdict.CONTENT_REFUSED, "too_long", detail)
        body = {
            "touser": post.address,
            "agentid": int(agent),
            "msgtype": kind,
            kind: {"content": words},
            "enable_duplicate_check": 0,
        }
        answer = await self._answered("send", body, post, http)
        return answer if isinstance(answer, Outcome) else _taken(answer)

    async def recall(self, posted: Posted, http: Http) -> Outcome:
        answer = await self._answered("recall", {"msgid": posted.message_id}, posted, http)
        if not isinstance(answer, Outcome):
            return Outcome(Verdict.SENT, "0", "WeCom took the message back, save from the WeChat plug-in.")
        if answer.code == "40058":
            detail = "WeCom takes back only what this app sent within the last 24 hours."
            return Outcome(Verdict.CONTENT_REFUSED, "40058", detail)
        return of_recall(answer)

    async def check(self, credential: Credential, http: Http) -> Checked:
        found = await _token_for(credential, http)
        if isinstance(found, Token):
            return Checked(works=True, code="0", detail="WeCom knows this company and the secret of its app.")
        return checked(found)

    def hear(self, call: Call) -> Hearing | Refusal:
        return told(call)

    async def _answered(
        self, action: str, body: object, said: Post | Posted, http: Http
    ) -> Mapping[str, object] | Outcome:
        """The answer that says yes, or what any other one means."""
        base = (said.base_url or _BASE).rstrip("/")
        token = ""

        async def call(lending: str) -> Reply | Outcome:
            nonlocal token
            token = lending
            url = f"{base}/cgi-bin/message/{action}?access_token={quote(token, safe='')}"
            return await say(http, Request(url, json=body))

        credential = Credential(said.at, said.secret, said.base_url)
        account = account_of(base, said.secret.get("corp_id", ""), said.secret.get("corp_secret", ""))
        ask = Ask(account, said.at, lambda: _token_for(credential, http), _stale)
        reply = await self._tokens.speak(ask, call)
        return reply if isinstance(reply, Outcome) else _understood(reply, said, token)


async def _token_for(credential: Credential, http: Http) -> Token | Outcome:
    """The app's token. WeCom gives the same one again while it lives."""
    corp, secret = credential.secret.get("corp_id", ""), credential.secret.get("corp_secret", "")
    if not corp or not secret:
        return Outcome(Verdict.CREDENTIAL_REFUSED, "no_secret", "This account has no corp id or no corp secret.")
    query = f"corpid={quote(corp, safe='')}&corpsecret={quote(secret, safe='')}"
    url = f"{(credential.base_url or _BASE).rstrip('/')}/cgi-bin/gettoken?{query}"
    reply = await say(http, Request(url, method="GET"))
    answer = reply if isinstance(reply, Outcome) else _understood(reply, credential)
    if isinstance(answer, Outcome):
        return without_token(answer)
    token = lent(answer.get("access_token"), answer.get("expires_in"))
    return token or without_token(Outcome(Verdict.AMBIGUOUS, "no_token"))


def _stale(reply: Reply) -> bool:
    answer = json_object(reply)
    return answer is not None and whole(answer.get("errcode")) in _STALE


def _taken(answer: Mapping[str, object]) -> Outcome:
    """A yes, which still may name the one member it was meant for among those who do not get it."""
    for field, reason in (("invaliduser", _GONE[81013]), ("unlicenseduser", "this member has no licence for it")):
        if answer.get(field):
            return Outcome(Verdict.TARGET_GONE, field, f"WeCom posted nothing: {reason}.")
    number = answer.get("msgid")
    detail = "WeCom took the message over, and does not say whether the member got it."
    return Outcome(Verdict.HANDED_OVER, "0", detail, message_id=number if isinstance(number, str) and number else None)


def _understood(reply: Reply, said: Post | Posted | Credential, token: str = "") -> Mapping[str, object] | Outcome:
    """The whole answer where it says yes, else what it means."""
    broken = off_the_page(reply, redirect=Verdict.CONTENT_REFUSED)
    if broken is not None:
        return broken
    answer = json_object(reply) or {}
    code = whole(answer.get("errcode"))
    if code == 45009 or reply.status == 429:
        wait_s = retry_after(reply, now=said.at) or _BLOCK_S
        return throttled(str(code or 429), wait_s, scope=Scope.ACCOUNT)
    if code is None:
        return unforeseen(reply, "The answer is not one of WeCom's; the message may have been posted.")
    if code != 0:
        verdict, sentence = _meaning(code)
        return Outcome(verdict, str(code), f"{sentence} ({quoted(answer.get('errmsg'), said, lent=token)}).")
    if reply.status >= 300:
        return unforeseen(reply, "WeCom said yes and no at once; the message may have been posted.")
    return answer


def _meaning(code: int) -> tuple[Verdict, str]:
    if code in _BUSY:
        return Verdict.NOT_SENT, "WeCom is busy and did not post the message"
    if code in _APP or code in _STALE:
        return Verdict.CREDENTIAL_REFUSED, f"WeCom does not accept this app: {_APP.get(code, 'its token is not taken')}"
    if code in _GONE:
        return Verdict.TARGET_GONE, f"WeCom posted nothing: {_GONE[code]}"
    if code in _CONTENT:
        return Verdict.CONTENT_REFUSED, f"WeCom will not take this message: {_CONTENT[code]}"
    return Verdict.AMBIGUOUS, "WeCom answered with a code that does not say whether the message stands"
