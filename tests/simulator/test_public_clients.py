"""Other people's clients, from the package index and unchanged, find the practice platform to be the real one."""

import asyncio
import time
from datetime import timedelta

import pytest
import telegram
import zulip
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient
from telegram.error import Forbidden, InvalidToken, RetryAfter

from tests.simulator.conftest import Sim

TOKEN = "123456789:practice-token"
ROOM = {"type": "stream", "to": 42, "topic": "announcements"}


async def test_slack_by_its_own_sdk(sim: Sim) -> None:
    client = WebClient(token="xoxb-1-2-abc", base_url=f"{sim.base}/api/")
    assert (await asyncio.to_thread(client.auth_test))["team"] == "Practice"
    posted = await asyncio.to_thread(client.chat_postMessage, channel="C024BE91L", text="集合 & <go>")
    place = {"channel": posted["channel"], "ts": posted["ts"]}
    assert (await asyncio.to_thread(client.chat_update, **place, text="取消"))["text"] == "取消"
    assert (await asyncio.to_thread(client.chat_delete, **place))["ok"] is True
    with pytest.raises(SlackApiError) as gone:
        await asyncio.to_thread(client.chat_delete, **place)
    assert gone.value.response["error"] == "message_not_found"
    await sim.control("faults", platform="slack", kind="throttle", retry_after=7)
    with pytest.raises(SlackApiError) as early:
        await asyncio.to_thread(client.chat_postMessage, channel="C024BE91L", text="again")
    assert early.value.response["error"] == "ratelimited"
    assert (early.value.response.status_code, early.value.response.headers["Retry-After"]) == (429, "7")


async def test_slack_s_webhook_by_its_own_sdk(sim: Sim) -> None:
    hook = WebhookClient(f"{sim.base}/services/T024BE7LD/B024BE7LH/abcDEF123")
    said = await asyncio.to_thread(hook.send, text="集合")
    assert (said.status_code, said.body) == (200, "ok")
    said = await asyncio.to_thread(hook.send, text="")
    assert (said.status_code, said.body) == (400, "no_text")


async def test_telegram_by_python_telegram_bot(sim: Sim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # as in its next version; it warns otherwise
    async with telegram.Bot(TOKEN, base_url=f"{sim.base}/bot") as bot:
        message = await bot.send_message(-1001, "集合")
        assert (message.chat.id, message.text, message.chat.type) == (-1001, "集合", "supergroup")
        assert abs(message.date.timestamp() - time.time()) < 60
        edited = await message.edit_text("取消")
        assert isinstance(edited, telegram.Message)
        assert edited.text == "取消"
        assert await message.delete() is True
        await sim.control("targets", platform="telegram", target="-1002", state="kicked")
        with pytest.raises(Forbidden, match="bot was kicked"):
            await bot.send_message(-1002, "集合")
        await sim.control("faults", platform="telegram", kind="throttle", retry_after=34)
        with pytest.raises(RetryAfter) as early:
            await bot.send_message(-1003, "集合")
        assert early.value.retry_after == timedelta(seconds=34)
        await sim.control("targets", platform="telegram", credential=TOKEN, dead=True)
        with pytest.raises(InvalidToken):
            await bot.send_message(-1004, "集合")
    assert [one["text"] for one in await sim.receipts() if one["target"] == "-1001"] == ["集合"]


async def test_zulip_by_its_own_client(sim: Sim) -> None:
    client = await asyncio.to_thread(zulip.Client, "bot@example.org", "zulip-key", site=sim.base)
    said = await asyncio.to_thread(client.send_message, {**ROOM, "content": "集合 @**all**"})
    assert said["result"] == "success"
    assert (await asyncio.to_thread(client.get_profile))["email"] == "bot@example.org"
    edit = {"message_id": said["id"], "content": "取消"}
    assert (await asyncio.to_thread(client.update_message, edit))["result"] == "success"
    assert (await asyncio.to_thread(client.delete_message, said["id"]))["result"] == "success"
    again = await asyncio.to_thread(client.delete_message, said["id"])
    assert (again["result"], again["msg"]) == ("error", "Invalid message(s)")
    empty = await asyncio.to_thread(client.send_message, {**ROOM, "content": ""})
    assert empty["code"] == "BAD_REQUEST"
    await sim.control("faults", platform="zulip", kind="throttle", retry_after=9)
    early = await asyncio.to_thread(client.send_message, {**ROOM, "content": "again"})
    assert (early["code"], early["retry-after"]) == ("RATE_LIMIT_HIT", 9)
