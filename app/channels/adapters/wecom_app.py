"""WeCom (企业微信) app message: a company's own app writes to one member (`message/send`). Platform facts:
platforms.md, section 1b."""

import re
from collections.abc import Mapping

from app.channels.adapters.answers import of_recall
from app.channels.adapters.tokens import Tokens
from app.channels.adapters.wecom_corp import NOT_SEEN, answered, checked_by_token, token_ahead
from app.channels.adapters.wecom_tells import told
from app.channels.inbound import Call, Hearing, Refusal
from app.channels.markup.robots import WECOM
from app.channels.port import Checked, Credential, Given, Outcome, Post, Posted, Size, Unit, Verdict
from app.channels.published import paced
from app.core.http import Http
from app.core.limits import Limit

_MEMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}", re.ASCII)


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

    async def make_ready(self, post: Post, http: Http) -> Given | Outcome:
        return await token_ahead(self._tokens, post, http)

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
        answer = await answered(self._tokens, "message/send", body, post, http)
        return answer if isinstance(answer, Outcome) else _taken(answer)

    async def recall(self, posted: Posted, http: Http) -> Outcome:
        answer = await answered(self._tokens, "message/recall", {"msgid": posted.message_id}, posted, http)
        if not isinstance(answer, Outcome):
            return Outcome(Verdict.SENT, "0", "WeCom took the message back, save from the WeChat plug-in.")
        if answer.code == "40058":
            detail = "WeCom takes back only what this app sent within the last 24 hours."
            return Outcome(Verdict.CONTENT_REFUSED, "40058", detail)
        return of_recall(answer)

    async def check(self, credential: Credential, http: Http) -> Checked:
        return await checked_by_token(credential, http)

    def hear(self, call: Call) -> Hearing | Refusal:
        return told(call)


def _taken(answer: Mapping[str, object]) -> Outcome:
    """A yes, which still may name the one member it was meant for among those who do not get it."""
    for field, reason in (("invaliduser", NOT_SEEN), ("unlicenseduser", "this member has no licence for it")):
        if answer.get(field):
            return Outcome(Verdict.TARGET_GONE, field, f"WeCom posted nothing: {reason}.")
    number = answer.get("msgid")
    detail = "WeCom took the message over, and does not say whether the member got it."
    return Outcome(Verdict.HANDED_OVER, "0", detail, message_id=number if isinstance(number, str) and number else None)
