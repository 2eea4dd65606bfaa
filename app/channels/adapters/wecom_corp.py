"""What a company's app and its customer contact share at WeCom (企业微信): a token lent against a secret, and the one
shape of an answer. Platform facts: platforms.md, sections 1b and 1c."""

from collections.abc import Mapping
from urllib.parse import quote

from app.channels.adapters.answers import (
    json_object,
    off_the_page,
    quoted,
    retry_after,
    say,
    throttled,
    unforeseen,
    whole,
)
from app.channels.adapters.tokens import Ask, Token, Tokens, account_of, checked, lent, without_token
from app.channels.port import Checked, Credential, Given, Outcome, Post, Posted, Verdict
from app.core.http import Http, Reply, Request
from app.core.limits import Scope

_BASE = "https://qyapi.weixin.qq.com"
_BLOCK_S = 60.0  # a breach of a per-minute limit blocks for 60 s; there is no Retry-After

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
NOT_SEEN = "the app cannot see this member, or there is none of this name"
_GONE = {
    40003: "there is no such member",
    60111: "there is no such member",
    81013: NOT_SEEN,
    82001: NOT_SEEN,
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


async def token_ahead(tokens: Tokens, post: Post, http: Http) -> Given | Outcome:
    """The token, before anything is said with it."""
    return await tokens.ready(_lent_by(post, http))


async def answered(
    tokens: Tokens, path: str, body: object, said: Post | Posted | Credential, http: Http
) -> Mapping[str, object] | Outcome:
    """The answer that says yes, or what any other one means."""
    base = (said.base_url or _BASE).rstrip("/")
    token = ""

    async def call(lending: str) -> Reply | Outcome:
        nonlocal token
        token = lending
        url = f"{base}/cgi-bin/{path}?access_token={quote(token, safe='')}"
        return await say(http, Request(url, json=body))

    reply = await tokens.speak(_lent_by(said, http), call, said.given)
    return reply if isinstance(reply, Outcome) else _understood(reply, said, token)


def _lent_by(said: Post | Posted | Credential, http: Http) -> Ask:
    """How the company's app comes by its token."""
    base = (said.base_url or _BASE).rstrip("/")
    credential = Credential(said.at, said.secret, said.base_url)
    account = account_of(base, said.secret.get("corp_id", ""), said.secret.get("corp_secret", ""))
    return Ask(account, said.at, lambda: _token_for(credential, http), _stale)


async def checked_by_token(credential: Credential, http: Http) -> Checked:
    """Whether WeCom lends a token against this secret."""
    found = await _token_for(credential, http)
    if isinstance(found, Token):
        return Checked(works=True, code="0", detail="WeCom knows this company and the secret of its app.")
    return checked(found)


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
