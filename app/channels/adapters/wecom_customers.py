"""WeCom (企业微信) customer mass send: a task, by which the owner of customer groups sends a text himself. Platform
facts: platforms.md, section 1c."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.channels.adapters.answers import too_long, whole
from app.channels.adapters.tokens import Tokens
from app.channels.adapters.wecom_corp import answered, checked_by_token, token_ahead
from app.channels.port import Checked, Credential, Given, Outcome, Post, Size, Unit, Verdict
from app.channels.published import paced
from app.channels.tasks import Fared, Fate, Fates, Lost
from app.core.http import Http
from app.core.limits import Limit

_PAGE = 100  # 500 rows would be longer than what is read of an answer
_PAGES_MOST = 50
_CLOCKS_DIFFER = timedelta(minutes=5)
_ALIKE_MOST = 20
"""So many tasks with the same words are looked into for a lost one."""

_CHAT = re.compile(r"wr[A-Za-z0-9_-]{1,62}", re.ASCII)
_OWNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}", re.ASCII)

FATES: Mapping[int | None, tuple[Fate, str]] = {
    0: (Fate.WAITING, "The owner has not pressed send yet."),
    1: (Fate.STANDS, "WeCom says that the owner sent it."),
    2: (Fate.FAILED, "WeCom did not send it: this is not a customer group of the owner's any more."),
    3: (Fate.FAILED, "WeCom did not send it: this group has had all the mass messages it may get for now."),
}

_SAYS_NOT = Outcome(Verdict.AMBIGUOUS, "unread", "WeCom's answer does not say what became of the task.")


class WeComCustomers:
    """Nothing here posts. A yes to a task means that the owner was asked, so it is HANDED_OVER at best; there is no
    key, so a task that may exist is never asked for again."""

    name = "wecom_customers"
    platform = "wecom"
    hosts: tuple[str, ...] = ("qyapi.weixin.qq.com",)
    account_secret: tuple[str, ...] = ("corp_id", "corp_secret")
    url_addresses = False
    keyed: float | None = None
    limits: tuple[Limit, ...] = paced("wecom_customers")
    size = Size(4000, Unit.BYTES)
    contact = "wecom"
    chats_most = 2000

    def __init__(self, tokens: Tokens | None = None) -> None:
        self._tokens = tokens or Tokens()

    def address_problem(self, address: str) -> str | None:
        if _CHAT.fullmatch(address):
            return None
        return "A customer group has the chat id that WeCom gives it: wr, then letters, digits and _-."

    async def make_ready(self, post: Post, http: Http) -> Given | Outcome:
        return await token_ahead(self._tokens, post, http)

    async def post(self, post: Post, http: Http) -> Outcome:
        """Ask the owner, once."""
        refusal = self._refusal(post)
        if refusal is not None:
            return refusal
        body = {
            "chat_type": "group",
            "sender": post.address,
            "chat_id_list": [*post.chats],
            "allow_select": False,
            "text": {"content": post.text},
        }
        answer = await answered(self._tokens, "externalcontact/add_msg_template", body, post, http)
        if isinstance(answer, Outcome):
            return _doubt(answer, "Nobody can know whether the owner was asked")
        return _given(answer, post.chats)

    async def find(self, lost: Lost, by: Credential, http: Http) -> str | Outcome | None:
        """Among the tasks that the company made since then: one with these words, for this owner and these chats."""
        since, until = int((lost.since - _CLOCKS_DIFFER).timestamp()), int((by.at + _CLOCKS_DIFFER).timestamp())
        body = {"chat_type": "group", "start_time": since, "end_time": until, "filter_type": 0}
        rows = await self._all("get_groupmsg_list_v2", "group_msg_list", body, by, http)
        if isinstance(rows, Outcome):
            return rows
        alike = [str(row["msgid"]) for row in rows if row.get("msgid") and _content(row).strip() == lost.text.strip()]
        for number in [one for one in alike if one not in lost.besides][:_ALIKE_MOST]:
            held = await self.fates(number, lost.owner, by, http)
            if isinstance(held, Outcome):
                return held
            if held and held.keys() <= {*lost.chats}:
                return number
        return None

    async def fates(self, number: str, owner: str, by: Credential, http: Http) -> Fates | Outcome:
        body = {"msgid": number, "userid": owner}
        rows = await self._all("get_groupmsg_send_result", "send_list", body, by, http)
        if isinstance(rows, Outcome):
            return rows
        return {str(row["chat_id"]): _fared(row) for row in rows if isinstance(row.get("chat_id"), str)}

    async def remind(self, number: str, by: Credential, http: Http) -> Outcome:
        """SENT: WeCom reminded him. Three in any 24 hours are heard; what it answers to a fourth is published nowhere,
        and comes out as AMBIGUOUS."""
        answer = await self._answered("remind_groupmsg_send", {"msgid": number}, by, http)
        if isinstance(answer, Outcome):
            return _doubt(answer, "Nobody can know whether the owner was reminded")
        return Outcome(Verdict.SENT, "0", "WeCom reminded the owner.")

    async def cancel(self, number: str, by: Credential, http: Http) -> Outcome:
        """SENT: an owner who has not sent it cannot any more; what he sent before stands, so its fates are to be asked
        for once more."""
        answer = await self._answered("cancel_groupmsg_send", {"msgid": number}, by, http)
        if isinstance(answer, Outcome):
            return _doubt(answer, "Nobody can know whether the owner can still send it")
        return Outcome(Verdict.SENT, "0", "WeCom withdrew the task; what its owner had sent before stands.")

    async def check(self, credential: Credential, http: Http) -> Checked:
        return await checked_by_token(credential, http)

    def _refusal(self, post: Post) -> Outcome | None:
        """What is not worth asking WeCom."""
        if not _OWNER.fullmatch(post.address):
            return Outcome(Verdict.TARGET_GONE, "no_owner", "A task needs the group owner's userid; nothing was asked.")
        if not 1 <= len(post.chats) <= self.chats_most or any(self.address_problem(chat) for chat in post.chats):
            detail = f"A task is for 1 to {self.chats_most} customer groups, by their chat ids; nothing was asked."
            return Outcome(Verdict.CONTENT_REFUSED, "chats", detail)
        return too_long(self.size) if self.size.measure(post.text) > self.size.most else None

    async def _all(
        self, action: str, rows: str, body: Mapping[str, object], by: Credential, http: Http
    ) -> Sequence[Mapping[str, object]] | Outcome:
        """Every page of a list, or an outcome: half a list is none."""
        found: list[Mapping[str, object]] = []
        cursor = ""
        for _ in range(_PAGES_MOST):
            answer = await self._answered(action, {**body, "limit": _PAGE, "cursor": cursor}, by, http)
            if isinstance(answer, Outcome):
                return _doubt(answer, "Nobody can know now what became of the task")
            page, following = answer.get(rows), answer.get("next_cursor", "")
            if not isinstance(page, list) or not isinstance(following, str):
                return _SAYS_NOT
            found += [row for row in page if isinstance(row, dict)]
            if not following:
                return found
            cursor = following
        return _SAYS_NOT

    async def _answered(self, action: str, body: object, by: Credential, http: Http) -> Mapping[str, object] | Outcome:
        return await answered(self._tokens, f"externalcontact/{action}", body, by, http)


def _given(answer: Mapping[str, object], chats: Sequence[str]) -> Outcome:
    """A yes, which still may leave out some of the groups, or all of them."""
    named = answer.get("fail_list") or []
    left_out = frozenset(chats) & {one for one in (named if isinstance(named, list) else []) if isinstance(one, str)}
    if len(left_out) == len(set(chats)):
        detail = "WeCom made no task for any of these groups: they are not customer groups of this owner."
        return Outcome(Verdict.TARGET_GONE, "fail_list", detail)
    number = answer.get("msgid")
    if not isinstance(number, str) or not number:
        detail = "WeCom said yes and gave the task no number; the owner may have been asked."
        return Outcome(Verdict.AMBIGUOUS, "no_msgid", detail, left_out=left_out)
    detail = "WeCom asked the owner to send it; it stands in no group yet."
    return Outcome(Verdict.HANDED_OVER, "0", detail, message_id=number, left_out=left_out)


def _content(row: Mapping[str, object]) -> str:
    text = row.get("text")
    return str(text.get("content") or "") if isinstance(text, dict) else ""


def _fared(row: Mapping[str, object]) -> Fared:
    code = _status(row)
    fate, detail = FATES.get(code, (Fate.UNKNOWN, "WeCom's word for it is not known."))
    sent, at = whole(row.get("send_time")), None
    if fate is Fate.STANDS and sent is not None and 0 < sent < 2**33:
        at = datetime.fromtimestamp(sent, UTC)
    return Fared(fate, str(code), detail, at)


def _status(row: Mapping[str, object]) -> int | None:
    return whole(row.get("status"))


def _doubt(outcome: Outcome, doubt: str) -> Outcome:
    return replace(outcome, detail=f"{doubt}.") if outcome.verdict is Verdict.AMBIGUOUS else outcome
