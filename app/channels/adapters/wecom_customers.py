"""WeCom (企业微信) customer mass send: a task, by which the owner of customer groups sends a text himself. Platform
facts: platforms.md, section 1c."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.channels.adapters.answers import too_long, whole
from app.channels.adapters.tokens import Tokens
from app.channels.adapters.wecom_corp import answered, checked_by_token
from app.channels.port import Checked, Credential, Outcome, Size, Unit, Verdict
from app.channels.tasks import Fared, Fate, Fates, Given, Task
from app.core.http import Http

REMINDERS = 3
REMINDERS_WITHIN = timedelta(hours=24)
CHATS_MOST = 2000

_PAGE = 100  # 500 rows would be longer than what is read of an answer
_PAGES_MOST = 50

_CHAT = re.compile(r"wr[A-Za-z0-9_-]{1,62}", re.ASCII)
_OWNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}", re.ASCII)

_FATES: Mapping[int | None, tuple[Fate, str]] = {
    0: (Fate.WAITING, "The owner has not pressed send yet."),
    1: (Fate.STANDS, "WeCom says that the owner sent it."),
    2: (Fate.FAILED, "WeCom did not send it: this is not a customer group of the owner's any more."),
    3: (Fate.FAILED, "WeCom did not send it: this group has had all the mass messages it may get for now."),
}
_PRESSED: Mapping[int | None, bool] = {0: False, 2: True}

_SAYS_NOT = Outcome(Verdict.AMBIGUOUS, "unread", "WeCom's answer does not say what became of the task.")


def may_remind(reminded: Sequence[datetime], now: datetime) -> bool:
    """Whether one more reminder of a task would be heard: three in any 24 hours are."""
    return sum(now - at < REMINDERS_WITHIN for at in reminded) < REMINDERS


class WeComCustomers:
    """Nothing here posts. A yes to a task means that the owner was asked, so it is HANDED_OVER at best; there is no
    key, so a task that may exist is never asked for again."""

    name = "wecom_customers"
    size = Size(4000, Unit.BYTES)

    def __init__(self, tokens: Tokens | None = None) -> None:
        self._tokens = tokens or Tokens()

    def address_problem(self, address: str) -> str | None:
        if _CHAT.fullmatch(address):
            return None
        return "A customer group has the chat id that WeCom gives it: wr, then letters, digits and _-."

    async def give(self, task: Task, by: Credential, http: Http) -> Given:
        """Ask the owner, once. Never raises."""
        refusal = self._refusal(task)
        if refusal is not None:
            return Given(refusal, frozenset(task.chats))
        body = {
            "chat_type": "group",
            "sender": task.owner,
            "chat_id_list": [*task.chats],
            "allow_select": False,
            "text": {"content": task.text},
        }
        answer = await self._answered("add_msg_template", body, by, http)
        if isinstance(answer, Outcome):
            none = answer.verdict is not Verdict.AMBIGUOUS
            return Given(answer, frozenset(task.chats) if none else frozenset())
        return _given(answer, task)

    async def fates(self, task_id: str, owner: str, by: Credential, http: Http) -> Fates | Outcome:
        """How each chat fared, or why that cannot be told now. Never raises."""
        body = {"msgid": task_id, "userid": owner}
        rows = await self._all("get_groupmsg_send_result", "send_list", body, by, http)
        if isinstance(rows, Outcome):
            return rows
        return {str(row["chat_id"]): _fared(row) for row in rows if isinstance(row.get("chat_id"), str)}

    async def pressed(self, task_id: str, by: Credential, http: Http) -> Mapping[str, bool | None] | Outcome:
        """Which owners have pressed send; None for a word that is not known. It is no evidence that it stands
        anywhere: `fates` is. Never raises."""
        rows = await self._all("get_groupmsg_task", "task_list", {"msgid": task_id}, by, http)
        if isinstance(rows, Outcome):
            return rows
        return {str(row["userid"]): _PRESSED.get(_status(row)) for row in rows if isinstance(row.get("userid"), str)}

    async def remind(self, task_id: str, by: Credential, http: Http) -> Outcome:
        """Have WeCom remind the owner; SENT: it did. Whether it would be heard, `may_remind` knows. What WeCom answers
        to a fourth is published nowhere, and comes out as AMBIGUOUS. Never raises."""
        answer = await self._answered("remind_groupmsg_send", {"msgid": task_id}, by, http)
        if isinstance(answer, Outcome):
            return _doubt(answer, "Nobody can know whether the owner was reminded")
        return Outcome(Verdict.SENT, "0", "WeCom reminded the owner.")

    async def cancel(self, task_id: str, by: Credential, http: Http) -> Outcome:
        """Withdraw the task from an owner who has not sent it. SENT: he cannot any more; what he sent before stands,
        so its fates are to be asked for once more. Never raises."""
        answer = await self._answered("cancel_groupmsg_send", {"msgid": task_id}, by, http)
        if isinstance(answer, Outcome):
            return _doubt(answer, "Nobody can know whether the owner can still send it")
        return Outcome(Verdict.SENT, "0", "WeCom withdrew the task; what its owner had sent before stands.")

    async def check(self, credential: Credential, http: Http) -> Checked:
        return await checked_by_token(credential, http)

    def _refusal(self, task: Task) -> Outcome | None:
        """What is not worth asking WeCom."""
        if not _OWNER.fullmatch(task.owner):
            return Outcome(Verdict.TARGET_GONE, "no_owner", "A task needs the group owner's userid; nothing was asked.")
        if not 1 <= len(task.chats) <= CHATS_MOST or any(self.address_problem(chat) for chat in task.chats):
            detail = f"A task is for 1 to {CHATS_MOST} customer groups, by their chat ids; nothing was asked."
            return Outcome(Verdict.CONTENT_REFUSED, "chats", detail)
        return too_long(self.size) if self.size.measure(task.text) > self.size.most else None

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


def _given(answer: Mapping[str, object], task: Task) -> Given:
    """A yes, which still may leave out some of the groups, or all of them."""
    named = answer.get("fail_list") or []
    refused = frozenset(task.chats) & {
        one for one in (named if isinstance(named, list) else []) if isinstance(one, str)
    }
    if len(refused) == len(set(task.chats)):
        detail = "WeCom made no task for any of these groups: they are not customer groups of this owner."
        return Given(Outcome(Verdict.TARGET_GONE, "fail_list", detail), refused)
    number = answer.get("msgid")
    if not isinstance(number, str) or not number:
        detail = "WeCom said yes and gave the task no number; the owner may have been asked."
        return Given(Outcome(Verdict.AMBIGUOUS, "no_msgid", detail), refused)
    detail = "WeCom asked the owner to send it; it stands in no group yet."
    return Given(Outcome(Verdict.HANDED_OVER, "0", detail, message_id=number), refused)


def _fared(row: Mapping[str, object]) -> Fared:
    code = _status(row)
    fate, detail = _FATES.get(code, (Fate.UNKNOWN, "WeCom's word for it is not known."))
    sent, at = whole(row.get("send_time")), None
    if fate is Fate.STANDS and sent is not None and 0 < sent < 2**33:
        at = datetime.fromtimestamp(sent, UTC)
    return Fared(fate, str(code), detail, at)


def _status(row: Mapping[str, object]) -> int | None:
    return whole(row.get("status"))


def _doubt(outcome: Outcome, doubt: str) -> Outcome:
    return replace(outcome, detail=f"{doubt}.") if outcome.verdict is Verdict.AMBIGUOUS else outcome
